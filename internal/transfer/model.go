package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// maxLocales is how many locales an import takes: they are ordered by what they
// fall back to, so all of them are in memory.
const maxLocales = 1000

// locale is a locale on its way.
type locale struct {
	sys      sys
	body     map[string]json.RawMessage
	name     string // what problems call it
	code     string
	fallback string
	standard bool
}

// locales go in in the order in which they fall back to each other.
func (x *importer) locales(ctx context.Context) error {
	c := x.r.count(locales)
	var all []locale
	err := x.src.each(ctx, locales, func(raw json.RawMessage) error {
		c.Total++
		var l locale
		var named struct {
			Sys      sys    `json:"sys"`
			Code     string `json:"code"`
			Fallback string `json:"fallbackCode"`
			Default  bool   `json:"default"`
		}
		if err := errors.Join(json.Unmarshal(raw, &named), json.Unmarshal(raw, &l.body)); err != nil {
			x.r.problem(locales, orNumber(named.Sys.ID, c.Total), "read", unreadable(err))
			return nil
		}
		if len(all) == maxLocales {
			return fmt.Errorf("there are more than %d locales", maxLocales)
		}
		for _, name := range []string{"sys", "internal_code", "default"} {
			delete(l.body, name)
		}
		l.sys, l.name, l.code, l.fallback, l.standard = named.Sys, orNumber(named.Code, c.Total), named.Code, named.Fallback, named.Default
		all = append(all, l)
		return nil
	})
	if err != nil {
		return err
	}
	if err := x.oneDefault(ctx, all); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b locale) int { return depth(all, a) - depth(all, b) })
	for _, l := range all {
		if err := x.locale(ctx, c, l); err != nil {
			if whole(ctx, err) {
				return err
			}
			x.r.problem(locales, l.name, "save", x.Words(err))
		}
	}
	return nil
}

// oneDefault leaves one default locale: exports with several occur. It is the one
// that the environment has, if it is among them.
func (x *importer) oneDefault(ctx context.Context, all []locale) error {
	there, err := x.Authoring.AllLocales(ctx, x.p)
	if err != nil {
		return err
	}
	chosen := slices.IndexFunc(all, func(l locale) bool {
		return l.standard && slices.ContainsFunc(there, func(r authoring.Resource[cms.Locale]) bool { return r.Value.Default && r.Value.Code == l.code })
	})
	for i := range all {
		if !all[i].standard {
			continue
		}
		if chosen < 0 {
			chosen = i
		}
		if i != chosen {
			all[i].standard = false
			x.r.notice("The export has more than one default locale: %s is the one, %s is not.", all[chosen].code, all[i].code)
		}
	}
	return nil
}

// depth is how many locales stand between one and the default locale, which comes
// first.
func depth(all []locale, l locale) int {
	n := 0
	for !l.standard && n <= len(all) {
		n++
		i := slices.IndexFunc(all, func(other locale) bool { return other.code == l.fallback })
		if i < 0 {
			break
		}
		l = all[i]
	}
	return n
}

func (x *importer) locale(ctx context.Context, c *Count, l locale) error {
	there, err := x.Authoring.AllLocales(ctx, x.p)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(there, func(r authoring.Resource[cms.Locale]) bool { return r.Value.Code == l.code })
	if at < 0 && l.standard {
		at = slices.IndexFunc(there, func(r authoring.Resource[cms.Locale]) bool { return r.Value.Default })
		if used, err := x.Authoring.HasContentTypes(ctx, x.p); err != nil {
			return err
		} else if used {
			return fmt.Errorf("the default locale of the environment is %s, and it is in use", there[at].Value.Code)
		}
	}
	if at < 0 {
		if x.opt.KeepSys && l.sys.ID != "" {
			var to *authoring.Service
			if to, err = x.keeping(l.sys, cms.KindLocale, l.sys.ID); err == nil {
				_, err = to.CreateLocaleAs(ctx, x.p, x.a, l.sys.ID, l.body)
			}
		} else {
			_, err = x.Authoring.CreateLocale(ctx, x.p, x.a, l.body)
		}
		if err == nil {
			c.Created++
		}
		return err
	}
	if there[at].Value.Default != l.standard {
		return fmt.Errorf("the default locale of the environment is another one than that of the export")
	}
	after, err := x.Authoring.PutLocale(ctx, x.p, x.a, there[at].ID, authoring.Version{Number: there[at].Version, Sent: true}, l.body)
	switch {
	case err != nil:
		return err
	case after.Version == there[at].Version:
		c.Unchanged++
	default:
		c.Updated++
	}
	return nil
}

// contentTypes go in one by one, in the steps in which they came to be: the version
// that is active, its activation, what was changed since.
func (x *importer) contentTypes(ctx context.Context) error {
	n := 0
	past := x.pasts(ctx, contentTypes)
	defer past.close()
	return x.src.each(ctx, contentTypes, func(raw json.RawMessage) error {
		n++
		c := x.r.count(contentTypes)
		c.Total++
		defer x.pace(contentTypes, contentTypes, n)
		var r struct {
			Sys       sys             `json:"sys"`
			Published json.RawMessage `json:"published"`
		}
		err := json.Unmarshal(raw, &r)
		var latest, first json.RawMessage
		if err == nil {
			latest, err = without(raw, "sys", "published")
		}
		if first = latest; err == nil && r.Published != nil {
			first, err = without(r.Published, "sys")
		}
		if err == nil && r.Sys.ID == "" {
			err = errors.New("it has no sys.id")
		}
		if err != nil {
			x.r.problem(contentTypes, orNumber(r.Sys.ID, n), "read", unreadable(err))
			return nil
		}
		lines, _, err := past.of(r.Sys.ID)
		if err != nil {
			return err
		}
		t := typeArrival{importer: x, s: r.Sys, first: first, latest: latest, past: typeSteps(lines, first, latest)}
		if r.Sys.PublishedVersion > 0 && r.Published == nil && r.Sys.Version > r.Sys.PublishedVersion+1 {
			t.s.PublishedVersion = t.s.Version - 1 // it is the latest one that is activated
			x.lost++
		}
		if t.to, err = x.keeping(t.s, cms.KindContentType, r.Sys.ID); err == nil {
			err = t.arrive(ctx, c)
		}
		if err != nil {
			if whole(ctx, err) {
				return err
			}
			x.r.problem(contentTypes, r.Sys.ID, "save", x.Words(err))
		}
		return nil
	})
}

// typeArrival is a content type on its way.
type typeArrival struct {
	*importer
	s             sys
	to            *authoring.Service
	first, latest json.RawMessage
	past          []authoring.TypeStep
	now           authoring.Resource[cms.ContentType]
	wrote         bool
}

func (t *typeArrival) arrive(ctx context.Context, c *Count) error {
	var err error
	t.now, err = t.Authoring.ContentType(ctx, t.p, t.s.ID)
	isNew := fault.Is(err, fault.NotFound)
	if err != nil && !isNew {
		return err
	}
	came := false
	if isNew && len(t.past) > 0 {
		if came, err = t.begin(ctx); err != nil {
			return err
		}
	}
	t.came(contentTypes, len(t.past), came, isNew && !came)
	if isNew && !came && len(t.past) > 0 {
		t.pastLost[contentTypes]++
	}
	if t.s.PublishedVersion > 0 {
		if err := t.activate(ctx, isNew, c); err != nil {
			return err
		}
	}
	if came && t.now.Version < t.s.Version-1 { // what was saved since the activation
		if err := t.follow(ctx, t.s.Version-1); err != nil {
			if whole(ctx, err) {
				return err
			}
			t.pastLost[contentTypes]++
		}
	}
	if err := t.save(ctx, t.latest); err != nil {
		return err
	}
	switch {
	case isNew:
		c.Created++
	case t.wrote:
		c.Updated++
	default:
		c.Unchanged++
	}
	return nil
}

// begin makes the content type by its history, up to the version that is activated, or
// to the latest one. A history that does not go in is left out: came says so.
func (t *typeArrival) begin(ctx context.Context) (came bool, err error) {
	until := t.s.Version
	if t.s.PublishedVersion > 0 {
		until = t.s.PublishedVersion
	}
	err = t.follow(ctx, until)
	if err != nil && !whole(ctx, err) {
		return false, nil
	}
	return err == nil, err
}

// follow goes on with the history up to a version.
func (t *typeArrival) follow(ctx context.Context, until int) error {
	err := t.Authoring.ReceiveTypePast(ctx, t.p, t.a, t.s.of(cms.KindContentType, t.s.ID), t.past, until)
	if err == nil {
		t.now, err = t.Authoring.ContentType(ctx, t.p, t.s.ID)
	}
	return err
}

// activate makes the first version the active one, unless it is.
func (t *typeArrival) activate(ctx context.Context, isNew bool, c *Count) error {
	if !isNew && t.now.Published() {
		active, err := t.Authoring.PublicContentType(ctx, t.p, t.s.ID)
		if err != nil {
			return err
		}
		wanted, _, err := t.Authoring.Trial().PutContentType(ctx, t.p, t.a, t.s.ID, t.version(), t.first)
		if err != nil {
			return err
		}
		if same, err := t.same(active, wanted); err != nil || same {
			return err
		}
	}
	if err := t.save(ctx, t.first); err != nil {
		return err
	}
	after, err := t.to.PublishContentType(ctx, t.p, t.a, t.s.ID, t.version())
	if err != nil {
		return err
	}
	t.now, t.wrote = after, true
	c.Published++
	return nil
}

func (t *typeArrival) version() authoring.Version {
	return authoring.Version{Number: t.now.Version, Sent: t.now.ID != ""}
}

// save makes a version the latest one, unless it is.
func (t *typeArrival) save(ctx context.Context, body json.RawMessage) error {
	if t.now.ID != "" {
		wanted, _, err := t.Authoring.Trial().PutContentType(ctx, t.p, t.a, t.s.ID, t.version(), body)
		if err != nil {
			return err
		}
		if same, err := t.same(t.now, wanted); err != nil || same {
			return err
		}
		if t.opt.KeepSys && t.now.Version >= t.s.Version {
			return fmt.Errorf("it is at version %d already, with other content; version %d cannot be kept", t.now.Version, t.s.Version)
		}
	}
	after, _, err := t.to.PutContentType(ctx, t.p, t.a, t.s.ID, t.version(), body)
	if err != nil {
		return err
	}
	t.now, t.wrote = after, true
	return nil
}
