package validate

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// numberRange is the keyword range.
func numberRange(_ *publication, arg any, v value) []fault.Detail {
	b := boundsOf(arg)
	if b.hold(float(v.v.(json.Number))) {
		return nil
	}
	return []fault.Detail{{Name: "range", Min: b.rawMin(), Max: b.rawMax(), Value: v.raw, Path: v.at(), Details: b.text("Range")}}
}

func rangeShape(p *problems, _ typed, arg any, at []any) {
	boundsShape(p, arg, at, finite, cms.Number)
}
