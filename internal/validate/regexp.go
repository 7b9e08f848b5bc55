package validate

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/typecase/typecase/internal/fault"
)

// Patterns are JavaScript's and written by users, so matching may take
// exponential time. One match may take this long, all of a publication the
// other.
const (
	matchTimeout   = 50 * time.Millisecond
	maxPatternTime = time.Second
)

// maxPatterns bounds how many compiled patterns are kept.
const maxPatterns = 1000

// The engine's clock ticks every 100 ms by default, too coarse for matchTimeout.
func init() { regexp2.SetTimeoutCheckPeriod(10 * time.Millisecond) }

// maxBacktracking bounds the engine's memory, in steps it may have to take back:
// 16 MB, enough for a harmless group repeated over the longest Text.
const maxBacktracking = 2 << 20

// pattern is a JavaScript regular expression.
type pattern struct{ source, flags string }

var patterns = struct {
	sync.Mutex
	compiled map[pattern]*regexp2.Regexp
}{compiled: map[pattern]*regexp2.Regexp{}}

// compile returns the compiled pattern, from memory if it is there.
func (p pattern) compile() (*regexp2.Regexp, error) {
	patterns.Lock()
	re := patterns.compiled[p]
	patterns.Unlock()
	if re != nil {
		return re, nil
	}
	source, options := p.source, regexp2.ECMAScript
	seen := map[rune]bool{}
	for _, flag := range p.flags {
		if seen[flag] {
			return nil, fmt.Errorf("flag %q is given twice", flag)
		}
		seen[flag] = true
		switch flag {
		case 'i':
			options |= regexp2.IgnoreCase
		case 'm':
			options |= regexp2.Multiline
		case 's':
			options |= regexp2.Singleline
		case 'u':
			options |= regexp2.Unicode
		case 'y': // sticky: only where the search starts, which is the very beginning
			source = `(?<![\s\S])(?:` + source + `)`
		case 'g': // asks for all matches; one is enough
		default:
			return nil, fmt.Errorf("flag %q is unknown", flag)
		}
	}
	if _, err := regexp2.Compile(p.source, options); err != nil { // before it is wrapped: "a)(b" is no pattern
		return nil, err
	}
	re, err := regexp2.Compile(source, options, regexp2.OptionMaxBacktrackingStackSize(maxBacktracking))
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = matchTimeout
	patterns.Lock()
	defer patterns.Unlock()
	if len(patterns.compiled) >= maxPatterns {
		clear(patterns.compiled)
	}
	patterns.compiled[p] = re
	return re, nil
}

// patternOf reads {"pattern":…,"flags":…}.
func patternOf(arg any) pattern {
	members, _ := arg.(map[string]any)
	var p pattern
	p.source, _ = members["pattern"].(string)
	p.flags, _ = members["flags"].(string)
	return p
}

var errPatternTime = errors.New("matching this entry's patterns takes too long")

// match searches the pattern in s within the publication's time.
func (c *publication) match(p pattern, s string) (bool, error) {
	re, err := p.compile()
	if err != nil {
		return false, err
	}
	if c.patternTime <= 0 {
		return false, errPatternTime
	}
	start := time.Now()
	found, err := re.MatchString(s)
	c.patternTime -= time.Since(start)
	switch {
	case errors.Is(err, regexp2.ErrBacktrackingStackLimit):
		return false, errors.New("matching needs too much memory")
	case err != nil: // names the whole input, which the client has
		return false, fmt.Errorf("matching took longer than %s", matchTimeout)
	}
	return found, nil
}

// matches is the keyword regexp: the pattern is found in the value.
func matches(c *publication, arg any, v value) []fault.Detail {
	p := patternOf(arg)
	found, err := c.match(p, v.v.(string))
	if found {
		return nil
	}
	d := mismatch(p.source, p.flags, v.raw, v.at())
	if err != nil {
		d.Details = fmt.Sprintf("Cannot match /%s/%s: %v", p.source, p.flags, err)
	}
	return []fault.Detail{d}
}

// avoids is the keyword prohibitRegexp: the pattern is not found in the value.
func avoids(c *publication, arg any, v value) []fault.Detail {
	p := patternOf(arg)
	found, err := c.match(p, v.v.(string))
	if !found && err == nil {
		return nil
	}
	d := fault.Detail{Name: "prohibitRegexp", Value: v.raw, Pattern: p.source, Path: v.at(),
		Details: fmt.Sprintf("Matches /%s/%s", p.source, p.flags)}
	if err != nil {
		d.Details = fmt.Sprintf("Cannot match /%s/%s: %v", p.source, p.flags, err)
	}
	return []fault.Detail{d}
}

func regexpShape(p *problems, _ typed, arg any, at []any) {
	o, ok := objectAt(p, arg, at)
	if !ok {
		return
	}
	o.only("pattern", "flags")
	source, present := o.members["pattern"]
	if !present {
		p.add(required("pattern", join(at, "pattern")))
		return
	}
	if _, ok := source.(string); !ok {
		p.add(wrongType("pattern", "String", fault.Raw(source), join(at, "pattern")))
		return
	}
	if flags := o.members["flags"]; flags != nil {
		if _, ok := flags.(string); !ok {
			p.add(wrongType("flags", "String", fault.Raw(flags), join(at, "flags")))
			return
		}
	}
	if _, err := patternOf(arg).compile(); err != nil {
		wrong := "pattern"
		if _, err := patternOf(map[string]any{"pattern": source}).compile(); err == nil {
			wrong = "flags"
		}
		p.add(fault.Detail{Name: "regexp", Value: fault.Raw(o.members[wrong]), Path: join(at, wrong),
			Details: fmt.Sprintf("Invalid regular expression: %v", err)})
	}
}
