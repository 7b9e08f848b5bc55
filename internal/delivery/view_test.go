package delivery

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

func testLocales() cms.Locales {
	to := func(code string) *string { return &code }
	return cms.Locales{
		{Code: "en", Key: "k-en", Default: true, Delivery: true},
		{Code: "de", Key: "k-de", FallbackCode: to("en"), Delivery: true},
		{Code: "de-AT", Key: "k-at", FallbackCode: to("hidden"), Delivery: true},
		{Code: "hidden", Key: "k-hidden", FallbackCode: to("de")},
		{Code: "fr", Key: "k-fr", Delivery: true},
		{Code: "a", Key: "k-a", FallbackCode: to("b"), Delivery: true},
		{Code: "b", Key: "k-b", FallbackCode: to("a"), Delivery: true},
	}
}

func TestViewOfOneLocale(t *testing.T) {
	t.Parallel()
	localized, plain := &cms.Field{Localized: true}, &cms.Field{}
	for _, c := range []struct {
		name   string
		locale string
		field  *cms.Field
		values string // by locale key
		want   string // "" for none
	}{
		{"own value", "de", localized, `{"k-en":"E","k-de":"D"}`, `"D"`},
		{"fallback", "de", localized, `{"k-en":"E","k-fr":"F"}`, `"E"`},
		{"null is a value", "de", localized, `{"k-en":"E","k-de":null}`, `null`},
		{"an empty text is a value", "de", localized, `{"k-en":"E","k-de":""}`, `""`},
		{"default locale", "", localized, `{"k-en":"E","k-de":"D"}`, `"E"`},
		{"no fallback", "fr", localized, `{"k-en":"E"}`, ""},
		{"not localized, no fallback", "fr", plain, `{"k-en":"E"}`, `"E"`},
		{"no longer localized", "de", plain, `{"k-en":"E","k-de":"D"}`, `"E"`},
		{"through a hidden locale, past its value", "de-AT", localized, `{"k-hidden":"H","k-de":"D"}`, `"D"`},
		{"a circle ends", "a", localized, `{"k-en":"E"}`, ""},
		{"a circle is used", "a", localized, `{"k-b":"B"}`, `"B"`},
		{"a locale that is gone", "en", localized, `{"k-gone":"G"}`, ""},
	} {
		v, err := newView(testLocales(), c.locale)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var values map[string]json.RawMessage
		if err := json.Unmarshal([]byte(c.values), &values); err != nil {
			t.Fatal(err)
		}
		got, ok := v.value(c.field, values)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %s, %v, want %s", c.name, got, ok, c.want)
		}
	}
}

func TestViewOfAllLocales(t *testing.T) {
	t.Parallel()
	v, err := newView(testLocales(), "*")
	if err != nil || v.one() {
		t.Fatal(v, err)
	}
	values := map[string]json.RawMessage{"k-de": []byte(`1`), "k-hidden": []byte(`2`), "k-en": []byte(`3`), "k-gone": []byte(`4`)}
	for _, c := range []struct {
		field *cms.Field
		want  []string
	}{
		{&cms.Field{Localized: true}, []string{"en=3", "de=1"}},
		{&cms.Field{}, []string{"en=3"}},
	} {
		var got []string
		v.stored(c.field, values, func(code string, raw json.RawMessage) { got = append(got, code+"="+string(raw)) })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.field, diff)
		}
	}
}

func TestViewOfUnknownLocales(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"xx", "hidden", "EN"} {
		_, err := newView(testLocales(), code)
		if e := fault.Of(err); e == nil || e.Kind != fault.BadRequest || e.Message != "Unknown locale: "+code {
			t.Errorf("%s: %v", code, err)
		}
	}
}
