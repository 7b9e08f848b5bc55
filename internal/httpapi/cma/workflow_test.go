package cma_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	definitions = content + "/workflow_definitions"
	workflows   = content + "/workflows"
	changelog   = content + "/workflows_changelog?entity.sys.linkType=entry&entity.sys.id="
)

// forTypes is the appliesTo of a definition for content types, which are quoted.
func forTypes(types string) string {
	return `"appliesTo":[{"type":"Link","linkType":"Entry","validations":[{"linkContentType":[` + types + `]}]}]`
}

// process is the body of a definition for posts as it is shown.
func process(flow string, starts bool, steps ...string) string {
	return `"name":"Review",` + forTypes(`"post"`) + `,"flowType":"` + flow + `","startOnEntityCreation":` + strconv.FormatBool(starts) + `,"steps":[` + strings.Join(steps, ",") + `]`
}

func stepJSON(id, more string) string {
	return `{"id":"` + id + `","name":"The ` + id + `"` + more + `}`
}

// rule is a permission of a step; actors are JSON.
func rule(about, actors, action, effect string) string {
	return `{"type":"` + about + `_permission","configuration":{"actors":` + actors + `,"action":"` + action + `","effect":"` + effect + `"}}`
}

func (sc *script) define(name, body string) *part {
	sc.t.Helper()
	d := sc.part("WorkflowDefinition", "{"+name+"}", `,"isLocked":false`, body)
	sc.play(step{name: "define " + name, call: "POST " + definitions, body: `{` + body + `}`, status: 201, find: map[string]string{name: "sys.id"}, want: d.show()})
	return d
}

// onItsWay is a workflow {name} of an entry.
func (sc *script) onItsWay(name, entry, definition, stepID string) *part {
	return sc.part("Workflow", "{"+name+"}", `,"entity":`+linkJSON("Entry", entry)+`,"workflowDefinition":`+linkJSON("WorkflowDefinition", "{"+definition+"}"), at(stepID))
}

// at is the rest of a workflow at a step.
func at(stepID string) string {
	if stepID == "" {
		return `"sys":null`
	}
	return `"stepId":"` + stepID + `"`
}

func begins(entry, definition, more string) string {
	return `{"entity":` + linkJSON("Entry", entry) + `,"workflowDefinition":` + linkJSON("WorkflowDefinition", "{"+definition+"}") + more + `}`
}

// eventJSON is a record of the changelog.
func eventJSON(event, by, when, workflow string, v int, definition, entry, stepMembers string) string {
	return `{"event":"` + event + `","eventBy":` + linkJSON("User", by) + `,"eventAt":"` + when + `","workflow":{"sys":{"type":"Link","linkType":"Workflow","id":"{` + workflow + `}","version":` + strconv.Itoa(v) +
		`}},"workflowDefinition":` + linkJSON("WorkflowDefinition", "{"+definition+"}") + `,"entity":` + linkJSON("Entry", entry) + stepMembers + `}`
}

func inStep(id, annotations string) string {
	if id == "" {
		return `,"stepAnnotations":[]`
	}
	return `,"stepId":"` + id + `","stepName":"The ` + id + `","stepAnnotations":[` + annotations + `]`
}

func unfit(problem string) string {
	return failure("ValidationFailed", "Validation error", `{"errors":[`+problem+`]}`)
}

func mayNot(reason string) string {
	return failure("AccessDenied", "Forbidden", `{"reasons":`+strconv.Quote(reason)+`}`)
}

func TestWorkflowDefinition(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.join("zoe")
		sc.make("a", `{}`)
		sc.play(step{name: "none", call: "GET " + definitions, want: list(0, 0, 100)})
		first := sc.define("d", process("strict_neighbor", false, stepJSON("draft", `,"description":"Write","annotations":["red"],"permissions":[`+
			rule("entity", `"all"`, "publish", "deny")+`,`+rule("workflow", `[`+linkJSON("User", "zoe")+`]`, "edit", "allow")+`],"actions":[`+
			`{"type":"task","configuration":{"assignee":`+linkJSON("User", "zoe")+`,"body":"Read it","dueDate":2}},{"type":"email","configuration":{"recipients":["a@example.com",`+linkJSON("User", "zoe")+`]}},`+
			`{"type":"app","appId":"mail","appActionId":"send","configuration":{"body":{"a":1}}}]`), stepJSON("done", `,"actions":[]`)))
		sc.tick(time.Minute)
		sc.play(
			step{name: "get", call: "GET " + definitions + "/{d}", want: first.show()},
			step{name: "least of all", call: "POST " + definitions, body: `{"name":"Empty"}`, status: 201, find: map[string]string{"e": "sys.id"},
				want: sc.part("WorkflowDefinition", "{e}", `,"isLocked":false`, `"name":"Empty","flowType":"no_restriction","startOnEntityCreation":false,"steps":[]`).show()},
			step{name: "list", call: "GET " + definitions + "?limit=1", want: list(2, 0, 1, first.show())},
			step{name: "nobody else makes one", call: "POST " + definitions, header: as("zoe", 0), body: `{"name":"Mine"}`, status: 403, want: mayNot("Only administrators may make, change and delete workflow definitions.")},
			step{name: "nor changes one", call: "PUT " + definitions + "/{d}", header: as("zoe", 1), body: `{"name":"Mine"}`, status: 403, want: mayNot("Only administrators may make, change and delete workflow definitions.")},
			step{name: "nor deletes one", call: "DELETE " + definitions + "/{d}", header: as("zoe", 1), status: 403, want: mayNot("Only administrators may make, change and delete workflow definitions.")},
			step{name: "everybody reads them", call: "GET " + definitions + "/{d}", header: as("zoe", 0), want: first.show()},
			step{name: "no version", call: "PUT " + definitions + "/{d}", body: `{"name":"x"}`, status: 409, want: noVersion("WorkflowDefinition", "{d}", 1)},
			step{name: "another version", call: "DELETE " + definitions + "/{d}", header: version(2), status: 409, want: tooOld("WorkflowDefinition", "{d}", 1, 2)},
			step{name: "there is none", call: "PUT " + definitions + "/none", header: version(1), body: `{"name":"x"}`, status: 404, want: lacking("WorkflowDefinition", "none")},
			step{name: "nor to be read", call: "GET " + definitions + "/none", status: 404, want: lacking("WorkflowDefinition", "none")},
			step{name: "nor deleted", call: "DELETE " + definitions + "/none", header: version(1), status: 404, want: lacking("WorkflowDefinition", "none")},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "change", call: "PUT " + definitions + "/{d}", header: version(1), body: `{"sys":{"version":1},"name":"Review",` + forTypes(`"post"`) + `,"steps":[{"name":"New"},` + stepJSON("done", "") + `]}`,
				find: map[string]string{"new": "steps.0.id"}, want: first.saved("{user}", process("no_restriction", false, `{"id":"{new}","name":"New"}`, stepJSON("done", ""))).show()},
			step{name: "begin", call: "POST " + workflows, body: begins("a", "d", ""), status: 201, find: map[string]string{"w": "sys.id"}},
			step{name: "it is in use", call: "DELETE " + definitions + "/{d}", header: version(2), status: 422,
				want: failure("ActionPreconditionsFailed", "Validation error", `{"errors":[{"name":"reference","path":[],"details":"There are workflows of this definition."}]}`)},
			step{name: "a copy", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"copy"}`, status: 201, find: map[string]string{"copy": "sys.id"}},
			step{name: "has no definitions", call: "GET /spaces/{s}/environments/copy/workflow_definitions", want: list(0, 0, 100)},
			step{name: "and no workflows", call: "GET /spaces/{s}/environments/copy/workflows", want: list(0, 0, 100)},
			step{name: "and no changelog", call: "GET /spaces/{s}/environments/copy/workflows_changelog?entity.sys.linkType=entry&entity.sys.id=a", want: list(0, 0, 100)},
			step{name: "cancel", call: "DELETE " + workflows + "/{w}", header: version(1), status: 204},
			step{name: "delete", call: "DELETE " + definitions + "/{d}", header: version(2), status: 204},
			step{name: "it is gone", call: "GET " + definitions + "/{d}", status: 404, want: lacking("WorkflowDefinition", "{d}")},
		)
	})
}

func TestWorkflow(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.activate("page", `{"name":"Page","fields":[{"id":"title","name":"T","type":"Symbol"}]}`)
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.make("b", `{}`)
		sc.play(step{name: "a page", call: "PUT " + content + "/entries/p", header: []string{"X-Contentful-Content-Type: page"}, body: `{}`, status: 201, find: map[string]string{"x": "sys.id"}})
		sc.define("d", process("strict_neighbor", false, stepJSON("draft", `,"annotations":["red"]`), stepJSON("review", `,"actions":[{"type":"task","configuration":{"assignee":`+linkJSON("User", "{user}")+`,"body":"Read it","dueDate":2}}]`), stepJSON("done", "")))
		sc.define("other", strings.Replace(process("no_restriction", false, stepJSON("one", "")), "Review", "Legal", 1))
		began := sc.names["ms"]
		first := sc.onItsWay("w", "a", "d", "")
		without := func(p *part) string { return strings.Replace(p.show(), `,"sys":null`, "", 1) }
		sc.play(
			step{name: "none", call: "GET " + workflows, want: list(0, 0, 100)},
			step{name: "begin at no step", call: "POST " + workflows, body: begins("a", "d", ""), status: 201, find: map[string]string{"w": "sys.id"}, want: without(first)},
			step{name: "get", call: "GET " + workflows + "/{w}", want: without(first)},
			step{name: "no second one", call: "POST " + workflows, body: begins("a", "d", `,"stepId":"draft"`), status: 422,
				want: unfit(`{"name":"taken","path":["entity"],"link":{"type":"Link","linkType":"Workflow","id":"{w}"},"details":"The entry has a workflow of this definition: \"{w}\"."}`)},
			step{name: "not for this type", call: "POST " + workflows, body: begins("p", "d", ""), status: 422,
				want: unfit(`{"name":"linkContentType","path":["entity"],"link":{"type":"Link","linkType":"Entry","id":"p"},"contentTypeId":["post"],"details":"The workflow definition is not for entries of the content type \"page\"."}`)},
			step{name: "no such step", call: "POST " + workflows, body: begins("b", "d", `,"stepId":"end"`), status: 422,
				want: unfit(`{"name":"in","path":["stepId"],"value":"end","expected":["draft","review","done"],"details":"Value must be one of expected values"}`)},
			step{name: "of nothing", call: "POST " + workflows, body: `{"entity":` + linkJSON("Entry", "none") + `,"workflowDefinition":` + linkJSON("WorkflowDefinition", "no") + `}`, status: 422,
				want: unfit(`{"name":"notResolvable","path":["entity"],"link":{"type":"Link","linkType":"Entry","id":"none"},"details":"There is no Entry \"none\"."},{"name":"notResolvable","path":["workflowDefinition"],"link":{"type":"Link","linkType":"WorkflowDefinition","id":"no"},"details":"There is no WorkflowDefinition \"no\"."}`)},
			step{name: "an empty body", call: "POST " + workflows, body: `{}`, status: 422,
				want: unfit(`{"name":"any.required","path":["entity"],"details":"\"entity\" is required"},{"name":"any.required","path":["workflowDefinition"],"details":"\"workflowDefinition\" is required"}`)},
		)
		sc.tick(time.Minute)
		moved, second := sc.names["ms"], sc.onItsWay("w2", "a", "other", "one")
		sc.play(
			step{name: "another beside it", call: "POST " + workflows, body: begins("a", "other", `,"stepId":"one"`), status: 201, find: map[string]string{"w2": "sys.id"}, want: second.show()},
			step{name: "move without a version", call: "PUT " + workflows + "/{w}", body: `{"stepId":"draft"}`, status: 409, want: noVersion("Workflow", "{w}", 1)},
			step{name: "move", call: "PUT " + workflows + "/{w}", header: version(1), body: `{"stepId":"draft"}`, want: first.saved("{user}", at("draft")).show()},
			step{name: "an old version", call: "PUT " + workflows + "/{w}", header: version(1), body: `{"stepId":"review"}`, status: 409, want: tooOld("Workflow", "{w}", 2, 1)},
			step{name: "to where it is", call: "PUT " + workflows + "/{w}", header: version(2), body: `{"sys":{"version":2},"stepId":"draft"}`, want: first.saved("{user}", at("draft")).show()},
			step{name: "to no step", call: "PUT " + workflows + "/{w}", header: version(3), body: `{}`, status: 422, want: unfit(`{"name":"any.required","path":["stepId"],"details":"\"stepId\" is required"}`)},
			step{name: "to one there is not", call: "PUT " + workflows + "/{w}", header: version(3), body: `{"stepId":"end"}`, status: 422,
				want: unfit(`{"name":"in","path":["stepId"],"value":"end","expected":["draft","review","done"],"details":"Value must be one of expected values"}`)},
			step{name: "move one that is not there", call: "PUT " + workflows + "/none", header: version(1), body: `{"stepId":"one"}`, status: 404, want: lacking("Workflow", "none")},
			step{name: "by step", call: "GET " + workflows + "?stepId[in]=draft,x", want: list(1, 0, 100, first.show())},
			step{name: "by entry", call: "GET " + workflows + "?sys.entity.sys.linkType=Entry&sys.entity.sys.id[in]=a,b&limit=1", want: list(2, 0, 1, second.show())},
			step{name: "by definition", call: "GET " + workflows + "?sys.workflowDefinition.sys.id={d}&order=sys.updatedAt", want: list(1, 0, 100, first.show())},
			step{name: "the first one first", call: "GET " + workflows + "?order=sys.createdAt", want: list(2, 0, 100, first.show(), second.show())},
			step{name: "ids without a type", call: "GET " + workflows + "?sys.entity.sys.id[in]=a", status: 400,
				want: invalidQuery("", `{"name":"any.required","path":["sys.entity.sys.linkType"],"details":"\"sys.entity.sys.linkType\" is required"}`)},
			step{name: "a type without ids", call: "GET " + workflows + "?sys.entity.sys.linkType=Entry", status: 400,
				want: invalidQuery("", `{"name":"value","path":["sys.entity.sys.linkType"],"value":"Entry","details":"\"sys.entity.sys.linkType\" needs \"sys.entity.sys.id[in]\" beside it."}`)},
			step{name: "assets have none", call: "GET " + workflows + "?sys.entity.sys.linkType=Asset&sys.entity.sys.id[in]=a", status: 400,
				want: invalidQuery("", `{"name":"value","path":["sys.entity.sys.linkType"],"value":"Asset","expected":["Entry"],"details":"Value must be one of expected values"}`)},
		)
		sc.tick(time.Minute)
		reviewed := sc.names["ms"]
		task := sc.part("Task", "{t}", `,"parentEntity":`+linkJSON("Entry", "a"), taskBody("Read it", "{user}", "active", `,"dueDate":"2026-05-03T10:02:00Z"`))
		sc.play(
			step{name: "to the step with a task", call: "PUT " + workflows + "/{w}", header: version(3), body: `{"stepId":"review"}`, want: first.saved("{user}", at("review")).show()},
			step{name: "the task", call: "GET " + tasks, find: map[string]string{"t": "items.0.sys.id"}, want: list(1, 0, 100, task.show())},
			step{name: "holds back", call: "PUT " + content + "/entries/a/published", header: version(1), status: 400, want: badRequest("Cannot publish with unresolved tasks")},
			step{name: "complete without a version", call: "PUT " + workflows + "/{w}/complete", status: 409, want: noVersion("Workflow", "{w}", 4)},
			step{name: "complete", call: "PUT " + workflows + "/{w}/complete", header: version(4), status: 204},
			step{name: "it is not there any more", call: "GET " + workflows + "/{w}", status: 404, want: lacking("Workflow", "{w}")},
			step{name: "nor to be completed", call: "PUT " + workflows + "/{w}/complete", header: version(5), status: 404, want: lacking("Workflow", "{w}")},
			step{name: "nor to be cancelled", call: "DELETE " + workflows + "/{w}", header: version(5), status: 404, want: lacking("Workflow", "{w}")},
			step{name: "cancel the other", call: "DELETE " + workflows + "/{w2}", header: version(1), status: 204},
			step{name: "begin anew", call: "POST " + workflows, body: begins("a", "d", `,"stepId":"done"`), status: 201, find: map[string]string{"w3": "sys.id"}},
		)
		log := []string{
			eventJSON("created", "{user}", reviewed, "w3", 1, "d", "a", inStep("done", "")),
			eventJSON("deleted", "{user}", reviewed, "w2", 1, "other", "a", inStep("one", "")),
			eventJSON("completed", "{user}", reviewed, "w", 5, "d", "a", inStep("review", "")),
			eventJSON("stepChanged", "{user}", reviewed, "w", 4, "d", "a", inStep("review", "")),
			eventJSON("stepChanged", "{user}", moved, "w", 2, "d", "a", inStep("draft", `"red"`)),
			eventJSON("created", "{user}", moved, "w2", 1, "other", "a", inStep("one", "")),
			eventJSON("created", "{user}", began, "w", 1, "d", "a", inStep("", "")),
		}
		sc.play(
			step{name: "all that happened", call: "GET " + changelog + "a", want: list(7, 0, 100, log...)},
			step{name: "a page of it", call: "GET " + changelog + "a&skip=2&limit=2", want: list(7, 2, 2, log[2], log[3])},
			step{name: "to one workflow", call: "GET " + changelog + "a&workflow.sys.id={w2}", want: list(2, 0, 100, log[1], log[5])},
			step{name: "to some definitions", call: "GET " + changelog + "a&workflowDefinition.sys.id[in]={other},x", want: list(2, 0, 100, log[1], log[5])},
			step{name: "in between", call: "GET " + changelog + "a&eventAt[gte]=" + moved + "&eventAt[lte]=" + moved, want: list(2, 0, 100, log[4], log[5])},
			step{name: "long ago", call: "GET " + changelog + "a&eventAt[lte]=2020-01-01", want: list(0, 0, 100)},
			step{name: "to no entry", call: "GET " + changelog + "b", want: list(0, 0, 100)},
			step{name: "to what", call: "GET " + content + "/workflows_changelog?eventAt[lte]=May&limit=-1&event=created", status: 400,
				want: invalidQuery("", `{"name":"any.required","path":["entity.sys.id"],"details":"\"entity.sys.id\" is required"},
					{"name":"any.required","path":["entity.sys.linkType"],"details":"\"entity.sys.linkType\" is required"},
					{"name":"unknown","path":["event"],"details":"The path \"event\" is not recognized"},
					{"name":"value","path":["eventAt[lte]"],"value":"May","details":"The value is no date of ISO 8601."},
					{"name":"value","path":["limit"],"value":"-1","details":"The value provided for \"limit\" is invalid. Please provide a value between 0 and 1000"}`)},
		)
	})
}

func TestWorkflowRules(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.join("zoe")
		sc.join("zed")
		sc.make("a", `{"title":{"en-US":"a"}}`)
		zoe, zed := `[`+linkJSON("User", "zoe")+`]`, `[`+linkJSON("User", "zed")+`]`
		sc.define("d", process("strict_neighbor", false,
			stepJSON("one", `,"permissions":[`+rule("entity", zoe, "edit", "deny")+`,`+rule("entity", `"all"`, "publish", "deny")+`,`+rule("entity", zoe, "publish", "allow")+`,`+rule("entity", `"all"`, "delete", "deny")+`,`+
				rule("workflow", zoe, "edit", "allow")+`,`+rule("workflow", zed, "delete", "allow")+`]`),
			stepJSON("two", `,"permissions":[`+rule("workflow", `"all"`, "edit", "allow")+`,`+rule("workflow", zed, "edit", "deny")+`]`), stepJSON("three", `,"permissions":[`+rule("workflow", `"all"`, "edit", "allow")+`]`)))
		const (
			atOne  = `The entry is at the step "The one" of the workflow "Review", where you may not `
			atNone = "The workflow is at no step yet, from where only administrators may move or complete it, and who the step allows to."
		)
		entry := content + "/entries/a"
		save := `{"fields":{"title":{"en-US":"b"}}}`
		x := map[string]string{"x": "sys.id"}
		sc.play(
			step{name: "everybody begins workflows", call: "POST " + workflows, header: as("zoe", 0), body: begins("a", "d", ""), status: 201, find: map[string]string{"w": "sys.id"}},
			step{name: "at no step nothing is forbidden", call: "PUT " + entry, header: as("zoe", 1), body: save, find: x},
			step{name: "and nothing about the workflow allowed", call: "PUT " + workflows + "/{w}", header: as("zoe", 1), body: `{"stepId":"one"}`, status: 403, want: mayNot(atNone)},
			step{name: "but to administrators", call: "PUT " + workflows + "/{w}", header: version(1), body: `{"stepId":"one"}`, find: x},
			step{name: "zoe must not edit", call: "PUT " + entry, header: as("zoe", 2), body: save, status: 403, want: mayNot(atOne + "edit it.")},
			step{name: "nor patch", call: "PATCH " + entry, header: append(as("zoe", 2), "Content-Type: application/json-patch+json"), body: `[{"op":"replace","path":"/fields/title/en-US","value":"c"}]`, status: 403, want: mayNot(atOne + "edit it.")},
			step{name: "nor archive", call: "PUT " + entry + "/archived", header: as("zoe", 2), status: 403, want: mayNot(atOne + "edit it.")},
			step{name: "nor restore", call: "POST " + content + "/_typecase/history/entries/a/1/restore", header: as("zoe", 2), status: 403, want: mayNot(atOne + "edit it.")},
			step{name: "a denial is stronger", call: "PUT " + entry + "/published", header: as("zoe", 2), status: 403, want: mayNot(atOne + "publish it.")},
			step{name: "in some locales too", call: "PUT " + entry + "/published", header: as("zed", 2), body: `{"add":{"fields":{"*":["en-US"]}}}`, status: 403, want: mayNot(atOne + "publish it.")},
			step{name: "nobody deletes", call: "DELETE " + entry, header: as("zed", 0), status: 403, want: mayNot(atOne + "delete it.")},
			step{name: "zed may edit", call: "PUT " + entry, header: as("zed", 2), body: save, find: x},
			step{name: "administrators are not bound", call: "PUT " + entry + "/published", header: version(3), find: x},
			step{name: "unpublishing is publishing", call: "DELETE " + entry + "/published", header: as("zed", 0), status: 403, want: mayNot(atOne + "publish it.")},
			step{name: "a bulk action", call: "POST " + bulk + "/unpublish", header: as("zed", 0), body: `{"entities":` + inArray(linkJSON("Entry", "a")) + `}`, find: map[string]string{"bulk": "sys.id"}},
		)
		sc.worked()
		if w := sc.do("GET "+bulk+"/actions/{bulk}", nil, ""); !strings.Contains(w.Body.String(), "where you may not publish it.") {
			t.Errorf("a bulk action answers %s", w.Body)
		}
		const (
			byRule   = `The workflow is at the step "The %s", from where only administrators may move or complete it, and who the step allows to.`
			neighbor = `The workflow is at the step "The one" and can be moved to the step before and the one behind only.`
		)
		sc.play(
			step{name: "zed does not move it", call: "PUT " + workflows + "/{w}", header: as("zed", 2), body: `{"stepId":"two"}`, status: 403, want: mayNot(fmt.Sprintf(byRule, "one"))},
			step{name: "zoe does not cancel it", call: "DELETE " + workflows + "/{w}", header: as("zoe", 2), status: 403, want: mayNot(`The workflow is at the step "The one", where only administrators may cancel it, and who the step allows to.`)},
			step{name: "nor leave out a step", call: "PUT " + workflows + "/{w}", header: as("zoe", 2), body: `{"stepId":"three"}`, status: 403, want: mayNot(neighbor)},
			step{name: "nor complete it here", call: "PUT " + workflows + "/{w}/complete", header: as("zoe", 2), status: 403, want: mayNot(`The workflow is at the step "The one" and can be completed at its last step only.`)},
			step{name: "but moves it", call: "PUT " + workflows + "/{w}", header: as("zoe", 2), body: `{"stepId":"two"}`, find: x},
			step{name: "where everything is allowed", call: "PUT " + entry, header: as("zoe", 4), body: save, find: x},
			step{name: "all but zed move it", call: "PUT " + workflows + "/{w}", header: as("zed", 3), body: `{"stepId":"one"}`, status: 403, want: mayNot(fmt.Sprintf(byRule, "two"))},
			step{name: "to the end", call: "PUT " + workflows + "/{w}", header: as("zoe", 3), body: `{"stepId":"three"}`, find: x},
			step{name: "where zed completes it", call: "PUT " + workflows + "/{w}/complete", header: as("zed", 4), status: 204},
			step{name: "again at the first step", call: "POST " + workflows, header: as("zed", 0), body: begins("a", "d", `,"stepId":"one"`), status: 201, find: map[string]string{"w": "sys.id"}},
			step{name: "where zed cancels it", call: "DELETE " + workflows + "/{w}", header: as("zed", 1), status: 204},
			step{name: "and unpublishes", call: "DELETE " + entry + "/published", header: as("zed", 0), find: x},
		)
	})
}

func TestWorkflowOfNewEntries(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.join("zoe")
		sc.define("d", process("no_restriction", true, stepJSON("first", `,"actions":[{"type":"task","configuration":{"assignee":`+linkJSON("User", "zoe")+`,"body":"Read it"}}]`), stepJSON("last", "")))
		sc.define("e", strings.Replace(process("no_restriction", true), "Review", "Without steps", 1))
		sc.define("off", strings.Replace(process("no_restriction", false, stepJSON("x", "")), "Review", "Off", 1))
		sc.define("else", strings.Replace(`"name":"Nothing","flowType":"no_restriction","startOnEntityCreation":true,"steps":[]`, "Review", "Off", 1))
		sc.play(step{name: "zoe makes one", call: "PUT " + content + "/entries/a", header: append(as("zoe", 0), contentOf), body: `{}`, status: 201, find: map[string]string{"x": "sys.id"}})
		by := func(p *part) *part {
			p.by, p.updatedBy = "zoe", "zoe"
			return p
		}
		first := by(sc.onItsWay("w", "a", "d", "first"))
		sc.play(
			step{name: "it is on its way", call: "GET " + workflows + "?sys.workflowDefinition.sys.id={d}", find: map[string]string{"w": "items.0.sys.id"}, want: list(1, 0, 100, first.show())},
			step{name: "to where there are no steps", call: "GET " + workflows + "?sys.workflowDefinition.sys.id={e}", find: map[string]string{"w2": "items.0.sys.id"},
				want: list(1, 0, 100, strings.Replace(by(sc.onItsWay("w2", "a", "e", "")).show(), `,"sys":null`, "", 1))},
			step{name: "and nowhere else", call: "GET " + workflows + "?limit=0", want: list(2, 0, 0)},
			step{name: "a task", call: "GET " + tasks, find: map[string]string{"t": "items.0.sys.id"}, want: list(1, 0, 100, by(sc.part("Task", "{t}", `,"parentEntity":`+linkJSON("Entry", "a"), taskBody("Read it", "zoe", "active", ""))).show())},
			step{name: "saving begins nothing", call: "PUT " + content + "/entries/a", header: version(1), body: `{}`, find: map[string]string{"x": "sys.id"}},
			step{name: "trying neither", call: "PUT " + content + "/entries/b", header: []string{contentOf, onlyTry}, body: `{}`, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "there are two", call: "GET " + workflows + "?limit=0", want: list(2, 0, 0)},
		)
		began := sc.names["ms"]
		sc.tick(time.Minute)
		log := []string{
			eventJSON("deleted", "{user}", sc.names["ms"], "w", 1, "d", "a", inStep("first", "")),
			eventJSON("created", "zoe", began, "w", 1, "d", "a", inStep("first", "")),
		}
		sc.play(
			step{name: "delete the entry", call: "DELETE " + content + "/entries/a", status: 204},
			step{name: "its workflow ends", call: "GET " + workflows + "/{w}", status: 404, want: lacking("Workflow", "{w}")},
			step{name: "all of them", call: "GET " + workflows, want: list(0, 0, 100)},
			step{name: "which can be read", call: "GET " + changelog + "a&workflow.sys.id={w}", want: list(2, 0, 100, log...)},
			step{name: "nothing needs the definition", call: "DELETE " + definitions + "/{d}", header: version(1), status: 204},
		)
	})
}

func TestWorkflowComments(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{}`)
		sc.define("d", process("no_restriction", false, stepJSON("one", ""), stepJSON("two", "")))
		sc.play(
			step{name: "begin", call: "POST " + workflows, body: begins("a", "d", `,"stepId":"one"`), status: 201, find: map[string]string{"w": "sys.id"}},
			step{name: "none", call: "GET " + workflows + "/{w}/comments", want: list(0, 0, 100)},
		)
		on := func(name, text string, v int) *part {
			return sc.part("Comment", "{"+name+"}", `,"parentEntity":{"sys":{"type":"Link","linkType":"Workflow","id":"{w}","version":`+strconv.Itoa(v)+`}},"parent":null`, commentBody(`"`+text+`"`, "active"))
		}
		first, second := on("c", "Go", 1), on("c2", "Back", 2)
		second.created, second.updated = "{later}", "{later}"
		sc.play(
			step{name: "on the first version", call: "POST " + workflows + "/{w}/versions/1/comments", body: `{"body":"Go"}`, status: 201, find: map[string]string{"c": "sys.id"}, want: first.show()},
			step{name: "no second one", call: "POST " + workflows + "/{w}/versions/1/comments", body: `{"body":"On"}`, status: 403, want: failure("Forbidden", "There is a comment on version 1 of the workflow already, which is the most there can be.", "")},
			step{name: "no such version", call: "POST " + workflows + "/{w}/versions/2/comments", body: `{"body":"On"}`, status: 404, want: lacking("WorkflowVersion", "2")},
			step{name: "nor to be read", call: "GET " + workflows + "/{w}/versions/2/comments", status: 404, want: lacking("WorkflowVersion", "2")},
			step{name: "no number", call: "GET " + workflows + "/{w}/versions/one/comments", status: 404, want: lacking("WorkflowVersion", "one")},
			step{name: "no such workflow", call: "GET " + workflows + "/none/comments", status: 404, want: lacking("Workflow", "none")},
			step{name: "nor to be told", call: "POST " + workflows + "/none/versions/1/comments", body: `{"body":"On"}`, status: 404, want: lacking("Workflow", "none")},
			step{name: "no text", call: "POST " + workflows + "/{w}/versions/1/comments", body: `{}`, status: 422, want: unfit(`{"name":"any.required","path":["body"],"details":"\"body\" is required"}`)},
			step{name: "complete", call: "PUT " + workflows + "/{w}/complete", header: version(1), status: 204},
		)
		sc.tick(time.Minute)
		sc.names["later"] = sc.names["ms"]
		sc.play(
			step{name: "on its end", call: "POST " + workflows + "/{w}/versions/2/comments", body: `{"body":"Back"}`, status: 201, find: map[string]string{"c2": "sys.id"}, want: second.show()},
			step{name: "both", call: "GET " + workflows + "/{w}/comments", want: list(2, 0, 100, first.show(), second.show())},
			step{name: "of a version", call: "GET " + workflows + "/{w}/versions/2/comments", want: list(1, 0, 100, second.show())},
			step{name: "one", call: "GET " + workflows + "/{w}/comments/{c}", want: first.show()},
			step{name: "resolve", call: "PUT " + workflows + "/{w}/comments/{c}", header: version(1), body: `{"body":"Go","status":"resolved"}`, want: first.saved("{user}", commentBody(`"Go"`, "resolved")).show()},
			step{name: "what is open", call: "GET " + workflows + "/{w}/comments?status=active", want: list(1, 0, 100, second.show())},
			step{name: "an old version", call: "DELETE " + workflows + "/{w}/comments/{c}", header: version(1), status: 409, want: tooOld("Comment", "{c}", 2, 1)},
			step{name: "delete", call: "DELETE " + workflows + "/{w}/comments/{c}", header: version(2), status: 204},
			step{name: "it is gone", call: "GET " + workflows + "/{w}/comments/{c}", status: 404, want: lacking("Comment", "{c}")},
		)
	})
}

func TestWorkflowDefinitionLimits(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	for i := range 20 {
		if w := sc.do("POST "+definitions, nil, fmt.Sprintf(`{"name":"%d"}`, i)); w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
	}
	sc.play(step{name: "one more", call: "POST " + definitions, body: `{"name":"x"}`, status: 403,
		want: failure("Forbidden", "There are 20 workflow definitions already, which is the most there can be in an environment.", "")})
	steps := func(n int, more string) string {
		return `[` + strings.TrimSuffix(strings.Repeat(`{"name":"x"`+more+`},`, n), ",") + `]`
	}
	task := `{"type":"task","configuration":{"assignee":` + linkJSON("User", "{user}") + `,"body":"x"}},`
	for name, c := range map[string][2]string{
		"empty":             {`{}`, `{"name":"any.required","path":["name"],"details":"\"name\" is required"}`},
		"no name":           {`{"name":""}`, `{"name":"size","path":["name"],"min":1,"max":2000,"details":"Size must be at least 1 and at most 2000"}`},
		"unknown":           {`{"name":"x","appliesto":[]}`, `{"name":"unknown","path":["appliesto"],"value":[],"details":"The property \"appliesto\" is not allowed here.","suggestions":["appliesTo"]}`},
		"flow":              {`{"name":"x","flowType":"any"}`, `{"name":"in","path":["flowType"],"value":"any","expected":["no_restriction","strict_neighbor"],"details":"Value must be one of expected values"}`},
		"no content type":   {`{"name":"x",` + forTypes(`"post","none"`) + `}`, `{"name":"notResolvable","path":["appliesTo",0,"validations",0,"linkContentType",1],"link":{"type":"Link","linkType":"ContentType","id":"none"},"details":"There is no ContentType \"none\"."}`},
		"for assets":        {`{"name":"x","appliesTo":[{"type":"Link","linkType":"Asset","validations":[]}]}`, `{"name":"in","path":["appliesTo",0,"linkType"],"value":"Asset","expected":["Entry"],"details":"Value must be one of expected values"}`},
		"too many steps":    {`{"name":"x","steps":` + steps(21, "") + `}`, `{"name":"size","path":["steps"],"max":20,"details":"Size must be at most 20"}`},
		"twice the same":    {`{"name":"x","steps":` + steps(2, `,"id":"a"`) + `}`, `{"name":"array.unique","path":["steps",1,"id"],"value":"a","details":"\"steps[1].id\" is the same as \"steps[0].id\""}`},
		"no id":             {`{"name":"x","steps":` + steps(1, `,"id":"a b"`) + `}`, `{"name":"regexp","path":["steps",0,"id"],"value":"a b","pattern":"^[a-zA-Z0-9-_.]{1,64}$","details":"Does not match /^[a-zA-Z0-9-_.]{1,64}$/"}`},
		"a step of no name": {`{"name":"x","steps":[{}]}`, `{"name":"any.required","path":["steps",0,"name"],"details":"\"steps[0].name\" is required"}`},
		"actors":            {`{"name":"x","steps":` + steps(1, `,"permissions":[`+rule("entity", `[]`, "edit", "deny")+`]`) + `}`, `{"name":"size","path":["steps",0,"permissions",0,"configuration","actors"],"min":1,"details":"Size must be at least 1."}`},
		"a team":            {`{"name":"x","steps":` + steps(1, `,"permissions":[`+rule("entity", `[`+linkJSON("Team", "t")+`]`, "edit", "deny")+`]`) + `}`, `{"name":"notResolvable","path":["steps",0,"permissions",0,"configuration","actors",0],"link":{"type":"Link","linkType":"Team","id":"t"},"details":"There is no Team \"t\"."}`},
		"no action":         {`{"name":"x","steps":` + steps(1, `,"actions":[{"type":"publish"}]`) + `}`, `{"name":"in","path":["steps",0,"actions",0,"type"],"value":"publish","expected":["task","email","app"],"details":"Value must be one of expected values"}`},
		"six tasks":         {`{"name":"x","steps":` + steps(1, `,"actions":[`+strings.TrimSuffix(strings.Repeat(task, 6), ",")+`]`) + `}`, `{"name":"size","path":["steps",0,"actions"],"max":5,"details":"There can be at most 5 tasks"}`},
		"due":               {`{"name":"x","steps":` + steps(1, `,"actions":[`+strings.Replace(strings.TrimSuffix(task, ","), `"x"`, `"x","dueDate":86400000`, 1)+`]`) + `}`, `{"name":"range","path":["steps",0,"actions",0,"configuration","dueDate"],"value":86400000,"min":0,"max":3650,"details":"Value must be at least 0 and at most 3650: days from when the task is made"}`},
		"an app":            {`{"name":"x","steps":` + steps(1, `,"actions":[{"type":"app","appId":"a"}]`) + `}`, `{"name":"any.required","path":["steps",0,"actions",0,"appActionId"],"details":"\"steps[0].actions[0].appActionId\" is required"}`},
		"too large":         {`{"name":"x","steps":` + steps(1, `,"actions":[{"type":"app","appId":"a","appActionId":"b","configuration":{"body":{"x":"`+strings.Repeat("x", 256<<10)+`"}}}]`) + `}`, `{"name":"size","path":[],"max":262144,"details":"Size must be at most 262144 bytes"}`},
	} {
		sc.play(step{name: name, call: "POST " + definitions, body: c[0], status: 422, want: unfit(c[1])})
	}
}

// TestWorkflowTasksHaveRoom: a move whose tasks there is no room for does not happen.
func TestWorkflowTasksHaveRoom(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{}`)
	task := `{"type":"task","configuration":{"assignee":` + linkJSON("User", "{user}") + `,"body":"x"}}`
	five := `,"actions":[` + strings.Join([]string{task, task, task, task, task}, ",") + `]`
	sc.define("d", process("no_restriction", false, stepJSON("one", five), stepJSON("two", five)))
	sc.play(step{name: "begin", call: "POST " + workflows, body: begins("a", "d", `,"stepId":"one"`), status: 201, find: map[string]string{"w": "sys.id"}})
	for i, to := range strings.Fields(strings.Repeat("two one ", 9) + "two") {
		if w := sc.do("PUT "+workflows+"/{w}", version(i+1), `{"stepId":"`+to+`"}`); w.Code != 200 {
			t.Fatal(i, w.Code, w.Body)
		}
	}
	sc.play(
		step{name: "a hundred and five", call: "PUT " + workflows + "/{w}", header: version(20), body: `{"stepId":"one"}`, status: 403,
			want: failure("Forbidden", "There are 100 already, which is the most there can be: of tasks of an entry, and of comments on anything.", "")},
		step{name: "it is where it was", call: "GET " + workflows + "?stepId=two", want: list(1, 0, 100, func() string {
			w := sc.onItsWay("w", "a", "d", "two")
			w.version = 20
			return w.show()
		}())},
	)
}

// TestWorkflowBeginsOnce: of those who begin the same at once one does.
func TestWorkflowBeginsOnce(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{}`)
		sc.define("d", process("no_restriction", false, stepJSON("one", "")))
		const n = 8
		codes := make(chan int, n)
		for range n {
			go func() { codes <- sc.do("POST "+workflows, nil, begins("a", "d", "")).Code }()
		}
		began := map[int]int{}
		for range n {
			began[<-codes]++
		}
		if began[201] != 1 || began[422] != n-1 {
			sc.t.Errorf("answers are %v", began)
		}
	})
}

// TestWorkflowBegunMeanwhile: a definition is in use too by what begins after it was
// looked for, and not by what has ended again.
func TestWorkflowBegunMeanwhile(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{}`)
	sc.define("d", process("no_restriction", false, stepJSON("one", "")))
	sc.define("other", strings.Replace(process("no_restriction", false, stepJSON("one", "")), "Review", "Other", 1))
	between := &meanwhile{Store: sc.s.Store}
	sc.s.Store = between
	begin := func(definition, id string) {
		sc.one(step{name: "begin", call: "POST " + workflows, body: begins("a", definition, ""), status: 201, find: map[string]string{id: "sys.id"}})
	}
	between.do = func() { begin("d", "w") }
	if w := sc.do("DELETE "+definitions+"/{d}", version(1), ""); w.Code != 422 {
		t.Errorf("it answers %d %s", w.Code, w.Body)
	}
	sc.play(step{name: "cancel", call: "DELETE " + workflows + "/{w}", header: version(1), status: 204})
	between.do = func() {
		begin("other", "w2")
		begin("d", "w")
		sc.one(step{name: "cancel", call: "DELETE " + workflows + "/{w}", header: version(1), status: 204})
	}
	if w := sc.do("DELETE "+definitions+"/{d}", version(1), ""); w.Code != 204 {
		t.Errorf("it answers %d %s", w.Code, w.Body)
	}
}

// TestWorkflowStepGone: who is at a step that a definition has no more is under no
// rules there, and can be moved on.
func TestWorkflowStepGone(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.join("zoe")
	sc.make("a", `{}`)
	sc.define("d", process("no_restriction", false, stepJSON("one", `,"permissions":[`+rule("entity", `"all"`, "edit", "deny")+`,`+rule("workflow", `"all"`, "edit", "allow")+`]`)))
	began := sc.names["ms"]
	x := map[string]string{"x": "sys.id"}
	sc.play(
		step{name: "begin", call: "POST " + workflows, body: begins("a", "d", `,"stepId":"one"`), status: 201, find: map[string]string{"w": "sys.id"}},
		step{name: "a rule", call: "PUT " + content + "/entries/a", header: as("zoe", 1), body: `{}`, status: 403, want: mayNot(`The entry is at the step "The one" of the workflow "Review", where you may not edit it.`)},
		step{name: "other steps", call: "PUT " + definitions + "/{d}", header: version(1), body: `{` + process("no_restriction", false, stepJSON("two", "")) + `}`, find: x},
		step{name: "no rule", call: "PUT " + content + "/entries/a", header: as("zoe", 1), body: `{}`, find: x},
		step{name: "which allows nothing", call: "PUT " + workflows + "/{w}", header: as("zoe", 1), body: `{"stepId":"two"}`, status: 403,
			want: mayNot(`The workflow is at the step "The one", from where only administrators may move or complete it, and who the step allows to.`)},
		step{name: "complete it", call: "PUT " + workflows + "/{w}/complete", header: version(1), status: 204},
		step{name: "what it was", call: "GET " + changelog + "a", want: list(2, 0, 100,
			eventJSON("completed", "{user}", began, "w", 2, "d", "a", inStep("one", "")), eventJSON("created", "{user}", began, "w", 1, "d", "a", inStep("one", "")))},
	)
}

// TestWorkflowBegunWhilePublishing: a rule counts for a bulk action too when the
// workflow begins after the action was planned.
func TestWorkflowBegunWhilePublishing(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.join("zoe")
	sc.make("a", `{"title":{"en-US":"a"}}`)
	sc.define("d", process("no_restriction", false, stepJSON("one", `,"permissions":[`+rule("entity", `"all"`, "publish", "deny")+`]`)))
	sc.play(step{name: "begin", call: "POST " + bulk + "/publish", header: as("zoe", 0), body: `{"entities":` + inArray(versioned("Entry", "a", 1)) + `}`, find: map[string]string{"bulk": "sys.id"}})
	between := &meanwhile{Store: sc.s.Store}
	sc.s.Store = between
	between.do = func() { // the action begins
		between.do = func() { // and has been planned
			sc.one(step{name: "begin", call: "POST " + workflows, body: begins("a", "d", `,"stepId":"one"`), status: 201, find: map[string]string{"w": "sys.id"}})
		}
	}
	sc.worked()
	if w := sc.do("GET "+bulk+"/actions/{bulk}", nil, ""); !strings.Contains(w.Body.String(), "where you may not publish it.") || sc.names["w"] == "" {
		t.Errorf("the bulk action is %s", w.Body)
	}
	if w := sc.do("GET "+content+"/entries/a", nil, ""); strings.Contains(w.Body.String(), "publishedVersion") {
		t.Errorf("the entry is published: %s", w.Body)
	}
}

// TestWorkflowOfEntriesOfReleases: an entry that was made in a release is new when
// that is published.
func TestWorkflowOfEntriesOfReleases(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.define("d", process("no_restriction", true, stepJSON("one", `,"actions":[{"type":"task","configuration":{"assignee":`+linkJSON("User", "{user}")+`,"body":"Read it"}}]`)))
	sc.newRelease("r", release2Body("R"))
	sc.play(
		step{name: "in the release", call: "PUT " + inR + "/entries/a", header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a"}}}`, status: 201, find: map[string]string{"x": "sys.id"}},
		step{name: "nothing begins", call: "GET " + workflows, want: list(0, 0, 100)},
		step{name: "publish it", call: "PUT " + inR + "/published", header: version(2), status: 202, find: map[string]string{"x": "sys.id"}},
	)
	sc.worked()
	sc.play(
		step{name: "it is published", call: "GET " + content + "/entries/a", find: map[string]string{"published": "sys.publishedAt"}},
		step{name: "and on its way", call: "GET " + workflows, find: map[string]string{"w": "items.0.sys.id"}, want: list(1, 0, 100, sc.onItsWay("w", "a", "d", "one").show())},
		step{name: "to be read", call: "GET " + tasks + "?limit=1", find: map[string]string{"t": "items.0.sys.id"}},
	)
}
