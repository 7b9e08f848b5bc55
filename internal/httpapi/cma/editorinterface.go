package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// editorInterfaceJSON is an editor interface of the management API. A part that
// was not sent is not there.
type editorInterfaceJSON struct {
	Sys           editorInterfaceSys `json:"sys"`
	Controls      json.RawMessage    `json:"controls,omitempty"`
	Sidebar       json.RawMessage    `json:"sidebar,omitempty"`
	Editors       json.RawMessage    `json:"editors,omitempty"`
	Editor        json.RawMessage    `json:"editor,omitempty"`
	EditorLayout  json.RawMessage    `json:"editorLayout,omitempty"`
	GroupControls json.RawMessage    `json:"groupControls,omitempty"`
}

type editorInterfaceSys struct {
	sysJSON
	ContentType cms.Link `json:"contentType"`
}

func editorInterfaceOf(p access.Place, e authoring.Resource[cms.EditorInterface]) editorInterfaceJSON {
	sys := editorInterfaceSys{contentSys(p, e.Sys, false), cms.LinkTo(cms.KindContentType, e.ID)}
	sys.ID = "default"
	v := e.Value
	return editorInterfaceJSON{
		Sys: sys, Controls: v.Controls, Sidebar: v.Sidebar, Editors: v.Editors, Editor: v.Editor,
		EditorLayout: v.EditorLayout, GroupControls: v.GroupControls,
	}
}

// editorInterfaces is all of an environment's: the original cuts no pages here.
type editorInterfaces struct {
	Sys   arraySys              `json:"sys"`
	Total int                   `json:"total"`
	Items []editorInterfaceJSON `json:"items"`
}

func (a *api) listEditorInterfaces(c *httpapi.Call) (httpapi.Reply, error) {
	all, err := a.s.EditorInterfaces(c.Context(), c.Place)
	out := editorInterfaces{Sys: arraySys{"Array"}, Total: len(all), Items: make([]editorInterfaceJSON, len(all))}
	for i, e := range all {
		out.Items[i] = editorInterfaceOf(c.Place, e)
		out.Items[i].Sys.ID = "" // in a list they have none
	}
	return ok(out, err)
}

func (a *api) getEditorInterface(c *httpapi.Call) (httpapi.Reply, error) {
	e, err := a.s.EditorInterface(c.Context(), c.Place, c.PathValue("id"))
	return ok(editorInterfaceOf(c.Place, e), err)
}

func (a *api) putEditorInterface(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.PutEditorInterface(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, c.Body)
	return ok(editorInterfaceOf(c.Place, e), err)
}
