package fetch

import "net/http"

// Send makes one request and returns whatever answer comes back; redirects are
// answers too. The caller closes the body.
//
// An unusable URL and a refused address are fault.BadRequest; what may work later
// is fault.ServerError or fault.Timeout.
func (c *Client) Send(req *http.Request) (*http.Response, error) {
	if err := checkURL(req.URL); err != nil {
		return nil, err
	}
	res, err := c.once.Do(req)
	if err != nil {
		return nil, failed(err, req.URL)
	}
	return res, nil
}
