package transfer

import (
	"time"
)

// Manifest is the file manifest.json of a folder. It is written last: a folder
// without it is not complete.
//
// Beside it stand a file <kind>.ndjson for each kind, with one resource a line as
// the management API shows it, and the folder files with the files of assets by host
// and path of their URLs. Lines of entries, assets and content types have one member
// more when the published version differs from the latest one: published, with what
// it has. Lines of assets have files: size and SHA-256 of each file, by URL.
type Manifest struct {
	Format      string          `json:"format"`  // formatName
	Version     int             `json:"version"` // formatVersion
	Space       string          `json:"space"`
	Environment string          `json:"environment"`
	ExportedAt  time.Time       `json:"exportedAt"`
	Lists       map[string]List `json:"lists"` // by kind
	Files       int             `json:"files"`
	FileBytes   int64           `json:"fileBytes"`
}

// List is what a file of resources has to be.
type List struct {
	Count  int    `json:"count"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

const (
	formatName    = "typecase-export"
	formatVersion = 1

	manifestFile = "manifest.json"
	filesDir     = "files"
	lineExt      = ".ndjson"
)

// fileSum is what the file of an asset has to be.
type fileSum struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}
