package main

import "os"

// forwarded are the signals a command gets that is run. Here the console sends
// them to it by itself.
var forwarded = []os.Signal{os.Interrupt}

// fromTerminal are those that come from the console.
var fromTerminal = forwarded

func onTerminal() bool { return true }
