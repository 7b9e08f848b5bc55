package config

import (
	"encoding"
	"errors"
	"fmt"
	"strconv"
)

// Rate is requests a second; 0 is no limit, Preset what the setting rate.preset
// says.
type Rate int

// Preset is the rate of an API that has none of its own.
const Preset Rate = -1

const preset = "preset"

var _ encoding.TextUnmarshaler = (*Rate)(nil)

// UnmarshalText reads a whole number, or preset.
func (r *Rate) UnmarshalText(text []byte) error {
	if string(text) == preset {
		*r = Preset
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a number of requests a second such as 10, and not preset", text)
	}
	if n < 0 {
		return errors.New("less than 0")
	}
	*r = Rate(n)
	return nil
}

func (r Rate) String() string {
	if r == Preset {
		return preset
	}
	return strconv.Itoa(int(r))
}

// Rates are the limits of the APIs for each token, and for all tokens in a space
// together.
type Rates struct{ Token, Space APIRates }

// APIRates are requests a second; 0 is no limit.
type APIRates struct{ Management, Delivery, Preview int }

// presets are the values of the setting rate.preset. The live service counts
// the requests to a space, whoever makes them.
var presets = map[string]Rates{
	"none":       {},
	"contentful": {Space: APIRates{Management: 10, Delivery: 55, Preview: 14}},
}

// Rates are the limits in force: those given, and the preset's for the others.
func (c *Config) Rates() Rates {
	r := presets[c.RatePreset]
	for _, own := range []struct {
		rate  Rate
		limit *int
	}{
		{c.RateManagement, &r.Token.Management}, {c.RateDelivery, &r.Token.Delivery}, {c.RatePreview, &r.Token.Preview},
		{c.RateSpaceManagement, &r.Space.Management}, {c.RateSpaceDelivery, &r.Space.Delivery}, {c.RateSpacePreview, &r.Space.Preview},
	} {
		if own.rate != Preset {
			*own.limit = int(own.rate)
		}
	}
	return r
}
