package main

type settingsCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the effective settings. Secrets hide themselves.
func (c settingsCmd) Run(a *app) error {
	settings := a.settings()
	if c.JSON {
		return printJSON(a.stdout, settings)
	}
	rows := make([][]string, len(settings))
	for i, s := range settings {
		rows[i] = []string{s.Name, s.Value, s.Origin}
	}
	return printTable(a.stdout, []string{"SETTING", "VALUE", "FROM"}, rows)
}
