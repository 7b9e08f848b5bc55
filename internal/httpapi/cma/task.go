package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// taskJSON is a task of the management API.
type taskJSON struct {
	Sys        taskSys  `json:"sys"`
	Body       string   `json:"body"`
	AssignedTo cms.Link `json:"assignedTo"`
	Status     string   `json:"status"`
	DueDate    string   `json:"dueDate,omitempty"`
}

type taskSys struct {
	sysJSON
	ParentEntity cms.Link `json:"parentEntity"`
}

func taskOf(p access.Place, entry string, t authoring.Resource[cms.Task]) taskJSON {
	return taskJSON{
		Sys:  taskSys{contentSys(p, t.Sys, false), cms.LinkTo(cms.KindEntry, entry)},
		Body: t.Value.Body, AssignedTo: cms.LinkTo(cms.KindUser, t.Value.AssignedTo), Status: t.Value.Status, DueDate: t.Value.DueDate,
	}
}

func (a *api) listTasks(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Tasks(c.Context(), c.Place, c.PathValue("entry"), c.URL.Query())
	return listed(l, func(t authoring.Resource[cms.Task]) taskJSON { return taskOf(c.Place, c.PathValue("entry"), t) }, err)
}

func (a *api) getTask(c *httpapi.Call) (httpapi.Reply, error) {
	t, err := a.s.Task(c.Context(), c.Place, c.PathValue("entry"), c.PathValue("id"))
	return ok(taskOf(c.Place, c.PathValue("entry"), t), err)
}

func (a *api) createTask(c *httpapi.Call) (httpapi.Reply, error) {
	t, err := a.s.CreateTask(c.Context(), c.Place, c.Actor, c.PathValue("entry"), c.Body)
	return saved(taskOf(c.Place, c.PathValue("entry"), t), true, err)
}

func (a *api) putTask(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	t, err := a.s.PutTask(c.Context(), c.Place, c.Actor, c.PathValue("entry"), c.PathValue("id"), v, c.Body)
	return ok(taskOf(c.Place, c.PathValue("entry"), t), err)
}

func (a *api) deleteTask(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.DeleteTask(c.Context(), c.Place, c.Actor, c.PathValue("entry"), c.PathValue("id"), v)
}
