package cda

import (
	"net/http"

	"github.com/typecase/typecase/internal/httpapi"
)

// keyHeader is what comes with an asset key. The original answers it in the name
// of its management API.
var keyHeader = http.Header{"Content-Type": {"application/vnd.contentful.management.v1+json"}}

// createAssetKey makes a key that URLs of protected files are signed with.
func (a *api) createAssetKey(c *httpapi.Call) (httpapi.Reply, error) {
	key, err := a.embargo.CreateKey(c.Place, c.Actor, c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r := httpapi.OK(key)
	r.Header = keyHeader
	return r, nil
}
