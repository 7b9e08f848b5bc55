package query

import (
	"encoding/json"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

// bodyPaths are the paths that lead into bodies of kinds without fields, and what
// there is. Members of what the bodies list are taken together.
var bodyPaths = map[cms.Kind]map[string]target{
	cms.KindTag:         {"name": {bodyColumn("name"), symbolClass}},
	cms.KindContentType: {"name": {bodyColumn("name"), symbolClass}},
	cms.KindRelease: {
		"title":                 {bodyColumn("title"), symbolClass},
		"entities":              {bodyColumn("items.id"), metadataClass},
		"entities.sys.id":       {bodyColumn("items.id"), metadataIDClass},
		"entities.sys.linkType": {bodyColumn("items.kind"), metadataIDClass},
		"sys.status":            {bodyColumn("status"), symbolClass},
		"sys.schemaVersion":     {bodyColumn("schemaVersion"), symbolClass},
	},
	cms.KindReleaseAction: {
		"action":             {bodyColumn("action"), symbolClass},
		"sys.status":         {bodyColumn("status"), symbolClass},
		"sys.release.sys.id": {bodyColumn("release"), symbolClass},
	},
	cms.KindScheduledAction: {
		"action":                {bodyColumn("action"), symbolClass},
		"entity.sys.id":         {bodyColumn("entity.id"), symbolClass},
		"entity.sys.linkType":   {bodyColumn("entity.linkType"), symbolClass},
		"scheduledFor.datetime": {Column{Source: SourceBody, Name: "at", Type: Date}, dateClass},
		"sys.status":            {bodyColumn("status"), symbolClass},
	},
	cms.KindWorkflow: {
		"stepId":                        {bodyColumn("step.id"), symbolClass},
		"sys.entity.sys.id":             {bodyColumn("entry"), symbolClass},
		"sys.workflowDefinition.sys.id": {bodyColumn("definition"), symbolClass},
	},
}

// onlyByCursor are the kinds whose collections are always walked by cursor.
var onlyByCursor = map[cms.Kind]bool{cms.KindRelease: true, cms.KindReleaseAction: true, cms.KindScheduledAction: true}

func bodyColumn(name string) Column { return Column{Source: SourceBody, Name: name, Type: String} }

// eachMember calls f with what is at a path in a body; a list on the way stands
// for each of its elements.
func eachMember(raw json.RawMessage, path []string, f func(json.RawMessage)) {
	var list []json.RawMessage
	switch {
	case len(path) == 0:
		f(raw)
	case json.Unmarshal(raw, &list) == nil:
		for _, el := range list {
			eachMember(el, path, f)
		}
	default:
		var members map[string]json.RawMessage
		if json.Unmarshal(raw, &members) == nil {
			eachMember(members[path[0]], path[1:], f)
		}
	}
}

func bodyValues(c Column, body json.RawMessage) Values {
	var vs Values
	eachMember(body, strings.Split(c.Name, "."), func(raw json.RawMessage) { vs.add(c.Type, c.Part, raw) })
	return vs
}
