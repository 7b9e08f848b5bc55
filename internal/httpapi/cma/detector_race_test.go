//go:build race

package cma_test

// raceDetector reports whether these tests run with the race detector.
const raceDetector = true
