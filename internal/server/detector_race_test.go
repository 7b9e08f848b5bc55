//go:build race

package server

// raceDetector reports whether these tests run with the race detector.
const raceDetector = true
