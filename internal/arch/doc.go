// Package arch keeps the rules of the house: which package may import which,
// what every package says about itself, how long a file may grow. It has tests
// only, and they read the source without compiling it.
//
// Start reading at imports_test.go: a new package gets its line in the table
// there.
package arch
