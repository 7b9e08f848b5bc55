package costtest

import "testing"

var sink []byte

func TestCheck(t *testing.T) {
	Check(t, 1, 1024, func() { sink = make([]byte, 1000) })
}
