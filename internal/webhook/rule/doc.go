// Package rule holds what a webhook definition says, as pure functions: which
// events it wants (topics and filters) and what its calls look like (templates
// and transformations). Both who stores a definition and who acts on it read it
// here, so what is accepted is what is understood.
//
// It makes no request, reads no database and knows no webhook's secrets.
//
// Start reading at Topics and Filters, then Template and Transformation.
package rule
