// Package authority is a certificate authority of one's own: it lets Typecase
// serve HTTPS without configuration. Clients trust it once they are given its
// certificate, ca.pem, for instance through NODE_EXTRA_CA_CERTS.
//
// It signs for this server only and speaks no protocol. Its key never leaves
// the data directory.
//
// Start reading at Open and Authority.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	// Clients of Apple refuse server certificates that live longer than 825 days.
	serverLife = 397 * 24 * time.Hour
	renewal    = serverLife / 3 // renewed when less than this is left
	// backdate forgives clients whose clock is behind.
	backdate = 24 * time.Hour
)

// Authority signs the certificate of this server and renews it.
type Authority struct {
	dir   string
	names []string
	guest []string // nil, or what alone the certificate is for
	now   func() time.Time
	root  tls.Certificate

	mu     sync.Mutex
	server tls.Certificate
}

// Path is where the certificate of the authority in a data directory is.
func Path(data string) string { return filepath.Join(data, "tls", "ca.pem") }

// labels are the names of the APIs in front of a domain. Node does not let a
// wildcard stand for the only label before a top-level name such as localhost,
// so they are written out beside it.
var labels = []string{"api", "cdn", "preview", "upload", "graphql", "images", "assets"}

// Open reads the authority of a data directory, or makes one. Its server
// certificate is valid for localhost, the names below it, the loopback
// addresses, and for names: IP addresses, or host names with the names one level
// below them.
func Open(data string, names []string, now func() time.Time) (*Authority, error) {
	a := &Authority{dir: filepath.Dir(Path(data)), names: names, now: now}
	if err := a.open(); err != nil {
		return nil, err
	}
	var err error
	if a.server, err = a.load("server"); err == nil && !a.fresh(a.server.Leaf) {
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		a.server, err = a.makeServer()
	}
	if err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}
	return a, nil
}

// OpenGuest is Open for a program that stands in for others: its certificate is
// for exactly the host names given, and is nowhere but in memory.
func OpenGuest(data string, names []string, now func() time.Time) (*Authority, error) {
	a := &Authority{dir: filepath.Dir(Path(data)), guest: names, now: now}
	err := a.open()
	if err == nil {
		a.server, err = a.makeServer()
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// open reads the authority itself, or makes one.
func (a *Authority) open() error {
	var err error
	if a.root, err = a.load("ca"); errors.Is(err, fs.ErrNotExist) {
		a.root, err = a.makeRoot()
	}
	if err == nil {
		err = a.write("ca.pem", 0o644, &pem.Block{Type: certificate, Bytes: a.root.Leaf.Raw})
	}
	if err != nil {
		return fmt.Errorf("certificate authority: %w", err)
	}
	if a.now().After(a.root.Leaf.NotAfter) {
		return fmt.Errorf("certificate authority: %s expired on %s; remove %s to make another, which clients then have to trust",
			a.path("ca.pem"), a.root.Leaf.NotAfter.Format(time.DateOnly), a.dir)
	}
	return nil
}

// Config is the TLS configuration of a server with this certificate.
func (a *Authority) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return a.certificate() },
	}
}

// certificate is the server certificate, renewed when it nears its end: a
// server may run for years.
func (a *Authority) certificate() (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.fresh(a.server.Leaf) {
		renewed, err := a.makeServer()
		if err != nil {
			return nil, fmt.Errorf("server certificate: %w", err)
		}
		a.server = renewed
	}
	c := a.server
	return &c, nil
}

// fresh reports whether a server certificate can still be used: signed by this
// authority, for all the names, and not near its end.
func (a *Authority) fresh(c *x509.Certificate) bool {
	dns, ips := a.subjects()
	sameIP := func(x, y net.IP) bool { return x.Equal(y) }
	return c.CheckSignatureFrom(a.root.Leaf) == nil &&
		slices.Equal(c.DNSNames, dns) && slices.EqualFunc(c.IPAddresses, ips, sameIP) &&
		(a.now().Add(renewal).Before(c.NotAfter) || !c.NotAfter.Before(a.root.Leaf.NotAfter))
}

// subjects are what the server certificate is valid for.
func (a *Authority) subjects() (dns []string, ips []net.IP) {
	if a.guest != nil {
		return a.guest, nil
	}
	for _, n := range append([]string{"localhost", "127.0.0.1", "::1"}, a.names...) {
		if ip := net.ParseIP(n); ip != nil {
			if !slices.ContainsFunc(ips, ip.Equal) {
				ips = append(ips, ip)
			}
		} else if !slices.Contains(dns, n) {
			dns = append(dns, n, "*."+n)
			for _, l := range labels {
				dns = append(dns, l+"."+n)
			}
		}
	}
	return dns, ips
}

func (a *Authority) makeRoot() (tls.Certificate, error) {
	return a.make("ca", func(template *x509.Certificate) {
		template.Subject = pkix.Name{CommonName: "Typecase local authority"}
		template.NotAfter = a.now().Add(authorityLife)
		template.IsCA = true
		template.MaxPathLenZero = true
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	})
}

func (a *Authority) makeServer() (tls.Certificate, error) {
	return a.make("server", func(template *x509.Certificate) {
		template.Subject = pkix.Name{CommonName: "Typecase"}
		template.NotAfter = a.now().Add(serverLife)
		if end := a.root.Leaf.NotAfter; end.Before(template.NotAfter) {
			template.NotAfter = end
		}
		template.KeyUsage = x509.KeyUsageDigitalSignature
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		template.DNSNames, template.IPAddresses = a.subjects()
	})
}

// make makes a key and a certificate for it, signed by the root, or by itself
// while there is none, and stores both.
func (a *Authority) make(name string, fill func(*x509.Certificate)) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: serial, NotBefore: a.now().Add(-backdate), BasicConstraintsValid: true}
	fill(template)
	parent, signer := template, any(key)
	if a.root.Leaf != nil {
		parent, signer = a.root.Leaf, a.root.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return tls.Certificate{}, err
	}
	if a.guest != nil && name == "server" {
		leaf, err := x509.ParseCertificate(der)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
	}
	if err := a.save(name, der, key); err != nil {
		return tls.Certificate{}, err
	}
	return a.load(name)
}
