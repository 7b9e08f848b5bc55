package query

import (
	"slices"

	"github.com/typecase/typecase/internal/cms"
)

// sysMember is a member of sys that can be searched.
type sysMember struct {
	class      class
	kinds      []cms.Kind // nil: all
	management bool       // not part of sys in delivery and preview
}

var (
	content     = []cms.Kind{cms.KindEntry, cms.KindAsset}
	publishable = []cms.Kind{cms.KindEntry, cms.KindAsset, cms.KindContentType}
)

var sysMembers = map[string]sysMember{
	"id":                 {class: sysStringClass},
	"type":               {class: sysStringClass},
	"createdAt":          {class: dateClass},
	"updatedAt":          {class: dateClass},
	"createdBy.sys.id":   {class: sysStringClass, management: true},
	"updatedBy.sys.id":   {class: sysStringClass, management: true},
	"version":            {class: integerClass, management: true},
	"contentType.sys.id": {class: sysStringClass, kinds: []cms.Kind{cms.KindEntry}},
	"publishedVersion":   {class: integerClass, kinds: publishable},
	"publishedCounter":   {class: integerClass, kinds: publishable, management: true},
	"revision":           {class: integerClass, kinds: publishable},
	"publishedAt":        {class: dateClass, kinds: publishable, management: true},
	"firstPublishedAt":   {class: dateClass, kinds: publishable, management: true},
	"publishedBy.sys.id": {class: sysStringClass, kinds: publishable, management: true},
	"archivedVersion":    {class: integerClass, kinds: content, management: true},
	"archivedAt":         {class: dateClass, kinds: content, management: true},
	"archivedBy.sys.id":  {class: sysStringClass, kinds: content, management: true},
	"visibility":         {class: symbolClass, kinds: []cms.Kind{cms.KindTag}},
}

// sys resolves a path below sys.
func (p *parser) sys(name string) (target, bool) {
	m, ok := sysMembers[name]
	if !ok || m.management && p.opt.API != Management || m.kinds != nil && !slices.Contains(m.kinds, p.opt.Kind) {
		return target{}, false
	}
	switch name {
	case "createdAt", "updatedAt":
		return target{p.sysTime(name), m.class}, true
	case "visibility": // kept in the body, as it is set by the client
		return target{bodyColumn(name), m.class}, true
	case "revision":
		name = "publishedCounter"
	}
	return target{sysColumn(name, m.class.typ), m.class}, true
}

// sysTime is the column of sys.createdAt or sys.updatedAt as an API shows them:
// delivery shows when something was first and last published.
func (p *parser) sysTime(name string) Column {
	if p.opt.API == Delivery && slices.Contains(publishable, p.opt.Kind) {
		name = map[string]string{"createdAt": "firstPublishedAt", "updatedAt": "publishedAt"}[name]
	}
	return sysColumn(name, Date)
}

func sysColumn(name string, t Type) Column { return Column{Source: SourceSys, Name: name, Type: t} }

// sysNames are the members of sys that can be selected.
var sysNames = []string{
	"archivedAt", "archivedBy", "archivedVersion", "automationTags", "contentType", "createdAt", "createdBy", "environment", "fieldStatus",
	"firstPublishedAt", "id", "locale", "publishedAt", "publishedBy", "publishedCounter", "publishedVersion", "revision", "space", "type",
	"updatedAt", "updatedBy", "urn", "version",
}
