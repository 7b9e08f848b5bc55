package authoring

import (
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

func TestAPIKeyWithGivenValues(t *testing.T) {
	t.Parallel()
	s, a, p := openOffice(t)
	in := APIKeyInput{Name: "moved", Token: "delivery-token", PreviewToken: "preview-token"}
	k, err := s.CreateAPIKey(t.Context(), p, a, in)
	if err != nil {
		t.Fatal(err)
	}
	preview, err := s.APIKey(t.Context(), p, cms.KindPreviewAPIKey, k.Value.Partner)
	if err != nil || k.Token != in.Token || preview.Token != in.PreviewToken {
		t.Errorf("values %q and %q, %v", k.Token, preview.Token, err)
	}
	if strings.Contains(string(k.Value.Sealed), in.Token) {
		t.Error("the value is stored readable")
	}
	if _, err := s.CreateAPIKey(t.Context(), p, a, APIKeyInput{Name: "again", PreviewToken: in.Token}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a value in use: %v", err)
	}
	if l, err := s.APIKeys(t.Context(), p, cms.KindAPIKey, nil); err != nil || l.Total != 1 {
		t.Errorf("a refused key left something: %d keys, %v", l.Total, err)
	}
	if _, err := s.CreateAPIKey(t.Context(), p, a, APIKeyInput{Name: "bad", Token: "no good"}); !fault.Is(err, fault.BadRequest) {
		t.Errorf("a value that cannot travel: %v", err)
	}
}

func TestSeal(t *testing.T) {
	t.Parallel()
	s := office(t)
	sealed, err := s.seal("here", "value")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.unseal("here", sealed); err != nil || got != "value" {
		t.Errorf("unsealed %q, %v", got, err)
	}
	again, err := s.seal("here", "value")
	if err != nil || string(again) == string(sealed) {
		t.Errorf("sealed twice the same, %v", err)
	}
	other := office(t)
	other.Secret = []byte(strings.Repeat("x", 32))
	short := office(t)
	short.Secret = []byte("short")
	for name, unseal := range map[string]func() (string, error){
		"elsewhere":           func() (string, error) { return s.unseal("there", sealed) },
		"with another secret": func() (string, error) { return other.unseal("here", sealed) },
		"with a bad secret":   func() (string, error) { return short.unseal("here", sealed) },
		"cut short":           func() (string, error) { return s.unseal("here", sealed[:5]) },
	} {
		if got, err := unseal(); !fault.Is(err, fault.ServerError) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
