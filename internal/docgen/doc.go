// Package docgen keeps the generated pages that need several packages at once,
// docs/reference/routes.md so far. It has no code of its own: its tests compare
// the pages with the program, and write them when run with -update. Pages about
// one package are tested there.
package docgen
