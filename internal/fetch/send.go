package fetch

import "net/http"

// Send makes one request and returns whatever answer comes back; redirects are
// answers too. How long it may take says the context of the request. The caller
// closes the body.
//
// An unusable URL and a refused address are fault.BadRequest; what may work later
// is fault.ServerError or fault.Timeout.
func (c *Client) Send(req *http.Request) (*http.Response, error) {
	if err := checkURL(req.URL); err != nil {
		return nil, err
	}
	// A http.Client would do more for each request than is of use here.
	if u := req.URL.User; u != nil && req.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
	}
	res, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, failed(err, req.URL)
	}
	return res, nil
}
