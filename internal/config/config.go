// Package config is the one table of settings. From the struct Config come the
// command line flags, the environment variables (TYPECASE_…), the keys of the
// optional settings file and docs/reference/settings.md; a setting is added by
// adding a field.
//
// It only reads and checks values. It opens nothing and starts nothing; that is
// the work of package server.
//
// Start reading at Config, then Sources.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Config holds the settings. The tags are read by kong: name, default and help
// of each are what users see.
type Config struct {
	File string `name:"config" placeholder:"FILE" group:"server" help:"File with settings, one 'name = value' a line; lines that start with # are comments."`

	Metrics   string   `name:"metrics" default:"off" placeholder:"ADDRESS" group:"server" help:"Address to answer metrics on, in the text format of Prometheus, such as 127.0.0.1:9464; or off. It asks for no token: let nobody reach it who should not know them."`
	Data      string   `default:"./typecase-data" group:"server" help:"Directory of the database, the files of assets, the certificates and the secret key."`
	HTTP      string   `name:"http" default:"127.0.0.1:8080" group:"server" help:"Address to serve plain HTTP on, or off."`
	HTTPS     string   `name:"https" default:"127.0.0.1:8443" group:"server" help:"Address to serve HTTPS on, or off. The certificate comes from a local authority; see typecase ca."`
	Domain    []string `placeholder:"NAME" group:"server" help:"Host names this server is reached by, besides localhost. The certificate covers each and the names one level below it, and api., cdn., preview. and upload. in front of one choose the API. Several are separated by commas."`
	PublicURL string   `name:"public-url" placeholder:"URL" group:"server" help:"Where clients reach this server, for absolute URLs in answers behind a reverse proxy. Without it they follow the request."`

	Database       Database `placeholder:"URL" group:"storage" help:"PostgreSQL to keep everything but files in, as postgres://user:password@host/name. Without it: SQLite in the data directory."`
	Secret         Secret   `placeholder:"TEXT" group:"storage" help:"Seals the values of API keys in the database; at least 32 characters. Servers that share a database need the same. Without it: the file secret.key in the data directory, made on first start."`
	BootstrapToken Secret   `name:"bootstrap-token" placeholder:"TOKEN" group:"storage" help:"Value of the first management token. Without it a first start makes one and prints it once."`

	TrashKeep Duration `name:"trash.keep" default:"720h" group:"storage" help:"How long what was deleted can come back from the trash, with its history; at least 1h. After that it is removed from the disk."`

	ErrorIDs              string   `name:"errors.ids" default:"auto" enum:"auto,documented,short" group:"api" help:"Vocabulary of sys.id in errors: documented (NotFoundError), short (NotFound, what official SDKs expect), or auto: short for official SDKs, documented for all others."`
	RatePreset            string   `name:"rate.preset" default:"none" enum:"none,contentful" group:"api" help:"Rate limits for APIs without one of their own: none, or those of the live service, contentful: 10 requests a second to each space through the management API, 55 through delivery, 14 through preview."`
	RateManagement        Rate     `name:"rate.management" default:"preset" group:"api" help:"Requests a second each token may make to the management API, and as many at once; 0 is no limit, preset is what rate.preset says."`
	RateDelivery          Rate     `name:"rate.delivery" default:"preset" group:"api" help:"Requests a second each token may make to the delivery API, and as many at once; 0 is no limit, preset is what rate.preset says."`
	RatePreview           Rate     `name:"rate.preview" default:"preset" group:"api" help:"Requests a second each token may make to the preview API, and as many at once; 0 is no limit, preset is what rate.preset says."`
	RateSpaceManagement   Rate     `name:"rate.space.management" default:"preset" group:"api" help:"Requests a second all tokens together may make to each space through the management API, and as many at once; 0 is no limit, preset is what rate.preset says."`
	RateSpaceDelivery     Rate     `name:"rate.space.delivery" default:"preset" group:"api" help:"Requests a second all tokens together may make to each space through the delivery API, and as many at once; 0 is no limit, preset is what rate.preset says."`
	RateSpacePreview      Rate     `name:"rate.space.preview" default:"preset" group:"api" help:"Requests a second all tokens together may make to each space through the preview API, and as many at once; 0 is no limit, preset is what rate.preset says."`
	CacheShared           Duration `name:"cache.shared" default:"0s" group:"api" help:"How long shared caches, such as a CDN or a proxy, may give out answers of the delivery API without asking. The answers then have keys to purge them by; docs/reference/routes.md says how. The cache has to tell access tokens apart: it must heed Vary: Authorization. 0s is not at all."`
	TestMode              bool     `name:"test-mode" group:"api" help:"Let clients ask for errors, by the header X-Typecase-Simulate and at /_typecase/simulate, to try how they cope; docs/reference/routes.md says how. Not for servers that others rely on."`
	AllowPrivateAddresses bool     `name:"allow-private-addresses" group:"api" help:"Let assets be fetched from, webhooks be sent to, and typecase run pass requests on to, private and loopback addresses."`

	BodyLimit      Size     `name:"limits.body" default:"8MiB" group:"limits" help:"Largest request body, uploads aside."`
	UploadLimit    Size     `name:"limits.upload" default:"1000MiB" group:"limits" help:"Largest file that can be uploaded or fetched."`
	RequestTimeout Duration `name:"limits.request" default:"60s" group:"limits" help:"How long one request may take, uploads aside."`
	IndexMemory    Size     `name:"index.memory" default:"512MiB" group:"limits" help:"The most memory that the read model and its caches may take: half for environments in use and their columns for searching, a quarter each for stored bodies and for answers with their parts. Count on 200 MiB for 100,000 entries that are searched by many fields."`
	HibernateAfter Duration `name:"hibernate.after" default:"0s" group:"limits" help:"Spaces that get no requests for this long go to sleep; their memory is freed, and the first request then is answered 502 and wakes them in the background. Servers that share a database each count their own requests and free their own memory. 0s is never."`

	WebhookRetry Duration `name:"webhooks.retry" default:"24h" group:"limits" help:"How long a call of a webhook that failed is repeated, with growing delays, before its event is given up and put on the list of dead letters."`

	JournalRequests int  `name:"journal.requests" default:"0" group:"log" help:"How many of the latest requests to remember, so that typecase request finds one by the id of its answer; 0 is none. typecase demo remembers 1000."`
	JournalMemory   Size `name:"journal.memory" default:"16MiB" group:"log" help:"Memory for the requests that are remembered. The oldest are forgotten when it is full."`
	JournalValues   bool `name:"journal.values" group:"log" help:"Remember the values of fields in the bodies and queries of failed requests too, not only their types and lengths. Passwords and tokens are left out always."`

	LogLevel  string `name:"log.level" default:"info" enum:"debug,info,warn,error" group:"log" help:"Least important messages to log: debug, info, warn or error."`
	LogFormat string `name:"log.format" default:"text" enum:"text,json" group:"log" help:"Form of the log on standard error: text or json."`
}

// Groups are the headings under which help and reference list the settings, in
// order.
var Groups = []kong.Group{
	{Key: "server", Title: "Server"},
	{Key: "storage", Title: "Storage and secrets"},
	{Key: "api", Title: "APIs"},
	{Key: "limits", Title: "Limits"},
	{Key: "log", Title: "Log and journal"},
}

// Off as an address means: do not listen.
const Off = "off"

// Default returns the settings of a server nobody configured.
func Default() (Config, error) {
	var c Config
	err := kong.ApplyDefaults(&c)
	return c, err
}

// Validate checks what single values cannot say. It is called when the command
// line has been read.
func (c *Config) Validate() error {
	if c.HTTP == Off && c.HTTPS == Off {
		return errors.New("http and https are both off: there is nothing to serve")
	}
	for _, a := range []struct{ name, value string }{{"http", c.HTTP}, {"https", c.HTTPS}, {"metrics", c.Metrics}} {
		if a.value == Off {
			continue
		}
		if _, _, err := net.SplitHostPort(a.value); err != nil {
			return fmt.Errorf("%s: %q is not an address such as 127.0.0.1:8080, and not off", a.name, a.value)
		}
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("public-url: %q is not a URL such as https://content.example.org", c.PublicURL)
		}
	}
	for _, name := range c.Domain {
		if name == "" || strings.ContainsAny(name, "/:* ") || name != strings.ToLower(name) {
			return fmt.Errorf("domain: %q is not a host name in lower case such as content.example.org", name)
		}
	}
	if s := string(c.Database); s != "" {
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
			// The value is not repeated: it may hold a password.
			return errors.New("database: not a URL such as postgres://user:password@host/name")
		}
	}
	if s := c.Secret; s != "" && len(s) < 32 {
		return errors.New("secret: shorter than 32 characters")
	}
	if c.JournalRequests < 0 {
		return errors.New("journal.requests: less than 0")
	}
	if c.CacheShared < 0 || c.CacheShared%Duration(time.Second) != 0 {
		return errors.New("cache.shared: not a number of whole seconds")
	}
	if c.HibernateAfter < 0 {
		return errors.New("hibernate.after: less than 0")
	}
	if c.TrashKeep < Duration(time.Hour) {
		return errors.New("trash.keep: less than 1h")
	}
	if c.WebhookRetry < 0 {
		return errors.New("webhooks.retry: less than 0")
	}
	if c.RequestTimeout < Duration(time.Second) {
		return errors.New("limits.request: less than 1s")
	}
	return nil
}
