package server

// headroom is memory that is reserved but never touched, so it costs nothing.
// The garbage collector runs when the heap has doubled; a server whose heap is
// a few megabytes would collect many times a second under load. Counted in, the
// headroom lets garbage pile up to about its own size first, whatever the size
// of the rest: unlike a higher percentage, which multiplies a large index.
const headroom = 64 << 20
