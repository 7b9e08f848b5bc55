package query

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/typecase/typecase/internal/fault"
)

func (p *parser) limit(values url.Values) int {
	def, most := p.opt.DefaultLimit, p.opt.MaxLimit
	if most == 0 {
		most = 1000
	}
	if def == 0 {
		def = min(100, most)
	}
	if p.opt.ClampLimit {
		return min(most, p.number(values, "limit", def, 0, -1))
	}
	return p.number(values, "limit", def, 0, most)
}

// number reads an integer between least and most (-1: no bound).
func (p *parser) number(values url.Values, name string, def, least, most int) int {
	if _, ok := values[name]; !ok {
		return def
	}
	sent := last(values, name)
	n, err := strconv.Atoi(sent)
	hint := ""
	switch {
	case err != nil:
		hint = "a valid number value"
	case most >= 0 && (n < least || n > most):
		hint = fmt.Sprintf("a value between %d and %d", least, most)
	case n < least:
		hint = fmt.Sprintf("a value larger than or equal to %d", least)
	default:
		return n
	}
	message := fmt.Sprintf("The value provided for %q is invalid. Please provide %s", name, hint)
	d := detail("value", []string{name}, message)
	d.Value = fault.Raw(clip(sent))
	p.add(d)
	p.messages = append(p.messages, message)
	return def
}
