package authoring

import (
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

func TestBootstrapPrintsANewTokenOnce(t *testing.T) {
	t.Parallel()
	s := office(t)
	if _, err := s.Owner(t.Context()); !fault.Is(err, fault.ServerError) {
		t.Errorf("an owner before the first start: %v", err)
	}
	token, err := s.Bootstrap(t.Context(), "")
	if err != nil || !strings.HasPrefix(token, "CFPAT-") || len(token) != len("CFPAT-")+43 {
		t.Fatalf("token %q, %v", token, err)
	}
	again, err := s.Bootstrap(t.Context(), "")
	if err != nil || again != "" {
		t.Errorf("the second start printed %q, %v", again, err)
	}
	opens(t, s, token)
}

func TestBootstrapWithGivenTokens(t *testing.T) {
	t.Parallel()
	s := office(t)
	for _, token := range []string{"CFPAT-one", "CFPAT-one", "CFPAT-two"} {
		printed, err := s.Bootstrap(t.Context(), token)
		if err != nil || printed != "" {
			t.Fatalf("%s: printed %q, %v", token, printed, err)
		}
	}
	opens(t, s, "CFPAT-one")
	opens(t, s, "CFPAT-two")
	a, err := s.Owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.AccessTokens(t.Context(), a, nil)
	if err != nil || l.Total != 2 {
		t.Errorf("%d tokens, %v", l.Total, err)
	}
	if _, err := s.Bootstrap(t.Context(), "no good"); !fault.Is(err, fault.BadRequest) {
		t.Errorf("a token that cannot travel: %v", err)
	}
}

func TestBootstrapDoesNotReviveARevokedToken(t *testing.T) {
	t.Parallel()
	s := office(t)
	const token = "CFPAT-one"
	if _, err := s.Bootstrap(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	a, err := s.Owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.AccessTokens(t.Context(), a, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RevokeAccessToken(t.Context(), a, l.Items[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Bootstrap(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if _, err := access.New(s.Store, s.Now).Authenticate(t.Context(), token); !fault.Is(err, fault.AccessTokenInvalid) {
		t.Errorf("it works: %v", err)
	}
}

func TestBootstrapRefusesAnotherSecret(t *testing.T) {
	t.Parallel()
	s := office(t)
	if _, err := s.Bootstrap(t.Context(), "CFPAT-one"); err != nil {
		t.Fatal(err)
	}
	stranger := *s
	stranger.Secret = []byte(strings.Repeat("x", 32))
	if _, err := stranger.Bootstrap(t.Context(), "CFPAT-two"); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "another secret") {
		t.Errorf("another secret: %v", err)
	}
	if _, err := access.New(s.Store, s.Now).Authenticate(t.Context(), "CFPAT-two"); !fault.Is(err, fault.AccessTokenInvalid) {
		t.Errorf("the token of a server that was refused works: %v", err)
	}
	if _, err := s.Bootstrap(t.Context(), ""); err != nil {
		t.Errorf("the same secret: %v", err)
	}
}

func opens(t *testing.T, s *Service, token string) {
	t.Helper()
	a, err := access.New(s.Store, s.Now).Authenticate(t.Context(), token)
	if err != nil || a.Kind != access.Management || a.ReadOnly {
		t.Errorf("%s: %+v, %v", token, a, err)
	}
}
