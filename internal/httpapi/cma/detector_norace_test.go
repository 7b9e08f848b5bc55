//go:build !race

package cma_test

const raceDetector = false
