package httpapi

const filesReference = `
## Protected files

Files of assets are free for whoever knows their URL, until their space is protected. ` + "`PUT /spaces/:space/_typecase/asset_protection`" + `, a write to the space with
its version in X-Contentful-Version, says what is: ` + "`{\"protected\": \"all\"}`" + ` is every file, ` + "`\"unpublished\"`" + ` those that no environment of the space has
published, and ` + "`\"none\"`" + `, as it begins, no file. GET answers it, with that version.

The URLs of protected files have ` + "`/assets.secure.typecase`" + ` before their path, which the official tools look for; for programs that were led here from the hosts of
the original the host is ` + "`images.secure.ctfassets.net`" + `. A file is protected by what it is, not by how its URL is spelled. In a draft that has changed since it was
published the preview API shows every file so; those that are published are free nevertheless,
also by a URL whose signature is no longer good.

To read a protected file, ask for an asset key and sign the URL with it:

1. POST to ` + "`asset_keys`" + ` of an environment, on any of the three APIs, with ` + "`{\"expiresAt\": seconds}`" + `, at most 48 hours ahead. The answer is a ` + "`policy`" + ` and a ` + "`secret`" + `.
   A key is for all files of the space; one that a delivery token made is for published files only. A space that is not protected has no keys (403 AccessDenied).
2. Make a JSON Web Token whose ` + "`sub`" + ` is the URL of the file without a query, with an ` + "`exp`" + ` if it is to end before the key does, and sign it with HS256 and the secret.
3. Add the parameters ` + "`policy` and `token`" + ` to the URL. Other parameters do not matter.

Keys are nowhere stored: they are good on every server with the same setting secret, and until they expire. Answers are 403 AccessDenied
without a good signature; with one they say ` + "`Cache-Control: private`" + `, for no longer than it is good. Where only unpublished files are protected, caches ask for published ones each
time (` + "`no-cache`" + `). What caches and browsers took while a file was free they may keep for a year.
`
