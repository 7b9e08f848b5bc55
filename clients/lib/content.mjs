// What two exports are compared by: everything people wrote, and the state it is
// in; not ids of spaces, dates, users and counters.
export function comparable(content) {
  const byID = (a, b) => (key(a) < key(b) ? -1 : 1)
  const key = (x) => x.sys?.id ?? x.code ?? x.name ?? ''
  const state = (sys) => ({
    published: sys.publishedVersion !== undefined,
    changed: sys.publishedVersion !== undefined && sys.version > sys.publishedVersion + 1,
    archived: sys.archivedVersion !== undefined,
  })
  const list = (items = [], pick) => [...items].sort(byID).map(pick)
  return {
    locales: [...(content.locales ?? [])]
      .sort((a, b) => (a.code < b.code ? -1 : 1))
      .map(({ name, code, fallbackCode, default: isDefault, contentManagementApi, contentDeliveryApi, optional }) => ({
        name, code, fallbackCode: fallbackCode ?? null, default: isDefault, contentManagementApi, contentDeliveryApi, optional,
      })),
    tags: list(content.tags, (t) => ({ id: t.sys.id, visibility: t.sys.visibility, name: t.name })),
    contentTypes: list(content.contentTypes, ({ sys, name, description, displayField, fields, metadata }) => ({
      id: sys.id, name, description: description ?? null, displayField: displayField ?? null, fields, metadata: metadata ?? null, ...state(sys),
    })),
    editorInterfaces: [...(content.editorInterfaces ?? [])]
      .sort((a, b) => (a.sys.contentType.sys.id < b.sys.contentType.sys.id ? -1 : 1))
      .map(({ sys, controls, sidebar, editors, editorLayout, groupControls }) => ({
        contentType: sys.contentType.sys.id, controls, sidebar, editors, editorLayout, groupControls,
      })),
    entries: list(content.entries, (e) => ({
      id: e.sys.id, contentType: e.sys.contentType.sys.id, fields: e.fields, tags: tagIDs(e), concepts: e.metadata?.concepts ?? [], ...state(e.sys),
    })),
    assets: list(content.assets, (a) => ({ id: a.sys.id, fields: withoutURLs(a.fields), tags: tagIDs(a), ...state(a.sys) })),
  }
}

const tagIDs = (entity) => (entity.metadata?.tags ?? []).map((t) => t.sys.id).sort()

// withoutURLs keeps of a file what is the same wherever it is stored.
function withoutURLs(fields) {
  const file = Object.fromEntries(
    Object.entries(fields.file ?? {}).map(([locale, { fileName, contentType, details }]) => [locale, { fileName, contentType, image: details?.image }])
  )
  return { ...fields, file }
}
