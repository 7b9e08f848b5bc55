package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Keys of an environment's locales. A code belongs to one locale; an internal
// key, once given, is never given again, so that values of a deleted locale do
// not come back to life.
const (
	localeCodes = "locale.code"
	localeKeys  = "locale.key"
)

// Locales lists the locales of an environment in the order they were made. As
// in the original, of params only skip and limit mean something.
func (s *Service) Locales(ctx context.Context, p access.Place, params url.Values) (Listing[Resource[cms.Locale]], error) {
	all, err := list[cms.Locale](ctx, s.Store, p.Environment, cms.KindLocale)
	if err != nil {
		return Listing[Resource[cms.Locale]]{}, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	paging := url.Values{"skip": params["skip"], "limit": params["limit"]}
	return listing(all, paging, maxListing, func(l cms.Locale) string { return l.Name })
}

// Locale returns a locale; an absent one is fault.NotFound without details.
func (s *Service) Locale(ctx context.Context, p access.Place, id string) (Resource[cms.Locale], error) {
	return get[cms.Locale](ctx, s.Store, p.Environment, cms.KindLocale, id)
}

// CreateLocale makes a locale of a body. What the body leaves out gets its
// default: the fallback is the default locale, both APIs show the locale.
func (s *Service) CreateLocale(ctx context.Context, p access.Place, a access.Actor, body map[string]json.RawMessage) (Resource[cms.Locale], error) {
	return s.CreateLocaleAs(ctx, p, a, s.IDs.New(), body)
}

// CreateLocaleAs is CreateLocale with an id that the locale had elsewhere.
func (s *Service) CreateLocaleAs(ctx context.Context, p access.Place, a access.Actor, id string, body map[string]json.RawMessage) (Resource[cms.Locale], error) {
	var out Resource[cms.Locale]
	if len(body) == 0 {
		return out, &fault.Error{Kind: fault.MissingKey, Details: &fault.Details{Key: "resource"}}
	}
	if !cms.ValidID(id) {
		return out, invalidID(fault.ValidationFailed, id)
	}
	err := s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		all, err := list[cms.Locale](ctx, tx, p.Environment, cms.KindLocale)
		if err != nil {
			return err
		}
		locales := values(all)
		fallback := locales.Default().Code
		l := cms.Locale{FallbackCode: &fallback, Management: true, Delivery: true}
		problems, err := applyLocale(&l, body)
		if err != nil {
			return err
		}
		if l.Code == "" && body["code"] == nil {
			problems = append(problems, invalidCode(json.RawMessage("null")))
		}
		if l.Name == "" && !named(problems, "name") {
			problems = append(problems, blank("name"))
		}
		if problems != nil {
			return invalidResource(problems...)
		}
		if err := checkFallback(locales, l, l.Code); err != nil {
			return err
		}
		at := s.Now()
		out, err = s.insertLocale(ctx, tx, created(p.Environment, cms.KindLocale, id, 1, a.User, at), l)
		return err
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// insertLocale stores a new locale and gives it a key nobody has had.
func (s *Service) insertLocale(ctx context.Context, tx store.Tx, h store.Head, l cms.Locale) (Resource[cms.Locale], error) {
	if err := claimCode(ctx, tx, h.Scope, h.ID, l.Code); err != nil {
		return Resource[cms.Locale]{}, err
	}
	l.Key = l.Code
	for n := 2; ; n++ {
		key := store.Key{Space: localeKeys, Value: l.Key}
		owner, err := tx.Owner(ctx, h.Scope, key)
		if err != nil {
			return Resource[cms.Locale]{}, err
		}
		if owner == "" {
			// not the locale's own, whose keys go with it
			if _, err := tx.SetKeys(ctx, h.Scope, "LocaleKey/"+l.Key, []store.Key{key}); err != nil {
				return Resource[cms.Locale]{}, err
			}
			break
		}
		l.Key = fmt.Sprintf("%s~%d", l.Code, n) // no code has a ~
	}
	return put(ctx, tx, h, store.Absent, l, store.Create, h.CreatedBy, h.CreatedAt)
}

// PutLocale changes what the body names. A body that changes nothing succeeds
// with any version. Entries are never touched: their values are stored under
// the locale's key, which stays.
func (s *Service) PutLocale(ctx context.Context, p access.Place, a access.Actor, id string, v Version, body map[string]json.RawMessage) (Resource[cms.Locale], error) {
	var out Resource[cms.Locale]
	err := s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, before, err := current[cms.Locale](ctx, tx, p.Environment, cms.KindLocale, id)
		if err != nil {
			return err
		}
		l := before
		problems, err := applyLocale(&l, body)
		if err != nil {
			return err
		}
		if problems != nil {
			return invalidResource(problems...)
		}
		if sameLocale(l, before) {
			out = Resource[cms.Locale]{Sys: h.Sys, Value: before}
			return nil
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		all, err := list[cms.Locale](ctx, tx, p.Environment, cms.KindLocale)
		if err != nil {
			return err
		}
		locales := values(all)
		if l.Code != before.Code && fallenBackTo(locales, before.Code) {
			return fault.New(fault.FallbackLocaleNotRenameable, "")
		}
		if err := checkFallback(locales, l, before.Code); err != nil {
			return err
		}
		if l.Code != before.Code {
			if err := claimCode(ctx, tx, p.Environment, id, l.Code); err != nil {
				return err
			}
			if err := s.relabelDefaults(ctx, tx, p.Environment, before.Code, l.Code, a.User); err != nil {
				return err
			}
		}
		at := s.Now()
		out, err = put(ctx, tx, touched(h, a.User, at), h.Version, l, store.Save, a.User, at)
		return err
	})
	return out, err
}

func values(all []Resource[cms.Locale]) cms.Locales {
	out := make(cms.Locales, len(all))
	for i, r := range all {
		out[i] = r.Value
	}
	return out
}

func fallenBackTo(locales cms.Locales, code string) bool {
	return slices.ContainsFunc(locales, func(l cms.Locale) bool { return l.FallbackCode != nil && *l.FallbackCode == code })
}

func sameLocale(a, b cms.Locale) bool {
	if (a.FallbackCode == nil) != (b.FallbackCode == nil) || a.FallbackCode != nil && *a.FallbackCode != *b.FallbackCode {
		return false
	}
	a.FallbackCode = b.FallbackCode
	return a == b
}

// checkFallback checks what a locale, known as code among locales, falls back
// to.
func checkFallback(locales cms.Locales, l cms.Locale, code string) error {
	if l.FallbackCode == nil {
		return nil
	}
	problem := fault.Detail{Name: "invalid", Path: []any{"fallback_code"}, At: []any{"fallbackCode"}, Value: fault.Raw(*l.FallbackCode)}
	if l.Default {
		problem.Details = "The default locale has no fallback."
		return invalidResource(problem)
	}
	loop := *l.FallbackCode == l.Code
	for next, steps := l.FallbackCode, 0; next != nil && !loop; steps++ {
		target, ok := locales.ByCode(*next)
		if !ok {
			problem.Details = fmt.Sprintf("There is no locale %q.", *next)
			problem.Suggestions = locales.Likely(*next, func(other cms.Locale) bool { return other.Code != code })
			return invalidResource(problem)
		}
		loop = target.Code == code || steps > len(locales)
		next = target.FallbackCode
	}
	if loop {
		problem.Name, problem.Details = "fallback locale creates a loop", "The locales would fall back to each other in a circle."
		return invalidResource(problem)
	}
	return nil
}

// claimCode makes code the locale's own.
func claimCode(ctx context.Context, tx store.Tx, env store.Scope, id, code string) error {
	conflicts, err := tx.SetKeys(ctx, env, store.OwnerOf(cms.KindLocale, id), []store.Key{{Space: localeCodes, Value: code}})
	if err == nil && len(conflicts) > 0 {
		err = invalidResource(fault.Detail{Name: "taken", Path: []any{"code"}, Value: fault.Raw(code),
			Details: fmt.Sprintf("There is a locale %q already.", code)})
	}
	return err
}

// relabelDefaults gives default values of all content types that are for the
// locale from to the locale to, or removes them when to is "". It is no edit of
// the content types: their versions stay.
func (s *Service) relabelDefaults(ctx context.Context, tx store.Tx, env store.Scope, from, to, actor string) error {
	const page = 1000
	for after := ""; ; {
		heads, err := tx.List(ctx, env, cms.KindContentType, after, page)
		if err != nil {
			return err
		}
		for _, h := range heads {
			if err := s.relabelType(ctx, tx, h, from, to, actor); err != nil {
				return err
			}
		}
		if len(heads) < page {
			return nil
		}
		after = heads[len(heads)-1].ID
	}
}

func (s *Service) relabelType(ctx context.Context, tx store.Tx, h store.Head, from, to, actor string) error {
	bodies, err := tx.Bodies(ctx, []store.Revision{h.Draft, h.Published})
	if err != nil {
		return err
	}
	draft, draftChanged, err := relabelled(h, bodies[h.Draft], from, to)
	if err != nil {
		return err
	}
	w := store.Write{Head: h, Was: h.Version, Action: store.Save, Actor: actor, At: s.Now()}
	if h.Published != 0 && h.Published != h.Draft {
		published, changed, err := relabelled(h, bodies[h.Published], from, to)
		if err != nil {
			return err
		}
		if changed {
			w.PublishedBody = published
		}
	}
	if draftChanged {
		w.Body, w.PublishBody = draft, h.Published == h.Draft
	}
	if w.Body == nil && w.PublishedBody == nil {
		return nil
	}
	_, err = tx.Put(ctx, w)
	return err
}

// relabelled is a content type's body with its default values for one locale
// given to another.
func relabelled(h store.Head, body []byte, from, to string) ([]byte, bool, error) {
	ct, err := decode[cms.ContentType](h, body)
	if err != nil {
		return nil, false, err
	}
	changed := false
	for i := range ct.Value.Fields {
		f := &ct.Value.Fields[i]
		var byCode map[string]json.RawMessage
		if f.DefaultValue == nil || json.Unmarshal(f.DefaultValue, &byCode) != nil || byCode[from] == nil {
			continue
		}
		if to != "" {
			byCode[to] = byCode[from]
		}
		delete(byCode, from)
		f.DefaultValue, changed = fault.Raw(byCode), true
		if len(byCode) == 0 {
			f.DefaultValue = nil
		}
	}
	if !changed {
		return body, false, nil
	}
	return fault.Raw(ct.Value), true, nil
}
