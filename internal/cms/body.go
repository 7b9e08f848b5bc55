package cms

// Body is a stored body. Of an entry or an asset it may be read already: then
// Document is what it says, which others share, and JSON is not needed. The zero
// Body is none.
type Body struct {
	JSON     []byte
	Document *Document
}

// Exists reports whether there is a body.
func (b Body) Exists() bool { return b.JSON != nil || b.Document != nil }

// Read is what the body of an entry or an asset says.
func (b Body) Read() (*Document, error) {
	if b.Document != nil {
		return b.Document, nil
	}
	d, err := ParseDocument(b.JSON)
	if err != nil {
		return nil, err
	}
	return &d, nil
}
