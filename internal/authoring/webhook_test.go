package authoring

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

func TestWebhookSecretsAtRest(t *testing.T) {
	t.Parallel()
	s, a, p := openOffice(t)
	user, value := "ann", "hush-header"
	in := WebhookInput{
		Name: "hook", URL: "https://example.org", Topics: []string{"*.*"}, HTTPBasicUsername: &user,
		HTTPBasicPassword: json.RawMessage(`"hush-password"`), Headers: []WebhookHeaderIn{{Key: "X-Key", Value: &value, Secret: true}},
	}
	w, err := s.CreateWebhook(t.Context(), p, a, in)
	if err != nil {
		t.Fatal(err)
	}
	in.HTTPBasicPassword, in.Headers = nil, []WebhookHeaderIn{{Key: "X-Key", Secret: true}}
	w, isNew, err := s.PutWebhook(t.Context(), p, a, w.ID, Version{w.Version, true}, in)
	if err != nil || isNew {
		t.Fatal(isNew, err)
	}
	owner := p.SpaceID + "/" + store.OwnerOf(cms.KindWebhook, w.ID)
	if got, err := s.unseal(owner, w.Value.BasicAuthPassword); got != "hush-password" || err != nil {
		t.Errorf("password %q, %v", got, err)
	}
	if got, err := s.unseal(owner, w.Value.Headers[0].Sealed); got != value || err != nil {
		t.Errorf("header %q, %v", got, err)
	}
	h, err := s.Store.Get(t.Context(), p.Space, cms.KindWebhook, w.ID)
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := s.Store.Bodies(t.Context(), []store.Revision{h.Draft})
	if err != nil {
		t.Fatal(err)
	}
	if body := string(bodies[h.Draft]); body == "" || strings.Contains(body, "hush") {
		t.Errorf("stored readable: %s", body)
	}
	in.HTTPBasicPassword = json.RawMessage("null")
	if w, _, err = s.PutWebhook(t.Context(), p, a, w.ID, Version{w.Version, true}, in); err != nil || w.Value.BasicAuthPassword != nil {
		t.Errorf("null keeps the password: %v, %v", w.Value.BasicAuthPassword, err)
	}
}
