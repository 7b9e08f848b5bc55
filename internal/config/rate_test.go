package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		environ []string
		args    []string
		want    Rates
	}{
		{name: "nothing given"},
		{name: "no preset", args: []string{"--rate.preset=none", "--rate.delivery=7"}, want: Rates{Token: APIRates{Delivery: 7}}},
		{name: "the preset", args: []string{"--rate.preset=contentful"}, want: Rates{Space: APIRates{Management: 10, Delivery: 55, Preview: 14}}},
		{name: "the preset and one of its own", args: []string{"--rate.preset=contentful", "--rate.space.preview=3"}, want: Rates{Space: APIRates{Management: 10, Delivery: 55, Preview: 3}}},
		{name: "the preset and one without a limit", environ: []string{"TYPECASE_RATE_PRESET=contentful", "TYPECASE_RATE_SPACE_DELIVERY=0"}, want: Rates{Space: APIRates{Management: 10, Preview: 14}}},
		{name: "both limits", args: []string{"--rate.preset=contentful", "--rate.management=5"}, want: Rates{Token: APIRates{Management: 5}, Space: APIRates{Management: 10, Delivery: 55, Preview: 14}}},
		{name: "the preset by name", args: []string{"--rate.preset=contentful", "--rate.space.management=preset"}, want: Rates{Space: APIRates{Management: 10, Delivery: 55, Preview: 14}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, _, err := parse(t, tc.environ, tc.args)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, c.Rates()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRatesThatAreNone(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"--rate.delivery=fast": `"fast" is not a number of requests a second such as 10, and not preset`,
		"--rate.delivery=-1":   "rate.delivery: less than 0",
		"--rate.preset=live":   `--rate.preset must be one of "none","contentful"`,
	} {
		if _, _, err := parse(t, nil, []string{arg}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", arg, err, want)
		}
	}
}

func TestRatesPrintAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"preset", "0", "55"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r.String() != text {
			t.Errorf("%s prints as %s, %v", text, r, err)
		}
	}
}
