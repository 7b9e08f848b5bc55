package cms

// Model is the content model of an environment at one moment: what entries are
// validated against and delivered by. It is immutable and shared.
type Model struct {
	Seq     int64 // store.Position.Model it was read at
	Locales Locales
	Types   map[string]*ContentType // the activated version of each active content type, by id
	// Workflows says that there are workflow definitions: without any, what they
	// demand of entries need not be looked for.
	Workflows bool
}
