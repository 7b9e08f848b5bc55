// A space with everything that the export and import tools carry, in every state.
import { management, newSpace } from './target.mjs'

const link = (linkType, id) => ({ sys: { type: 'Link', linkType, id } })
const field = (id, type, more = {}) => ({ id, name: id, type, localized: false, required: false, ...more })
const document = (...content) => ({ nodeType: 'document', data: {}, content })
const paragraph = (value) => ({ nodeType: 'paragraph', data: {}, content: [{ nodeType: 'text', value, marks: [], data: {} }] })

// files are what the assets have inside, by asset and locale.
export const files = { manual: { 'en-US': 'Twice a day.', de: 'Zweimal am Tag.' }, sketch: { 'en-US': 'Not finished.' }, old: { 'en-US': 'Long ago.' } }

// richSpace makes the space, with an environment called staging that has a draft
// more.
export async function richSpace(name) {
  const space = await newSpace(name)
  const client = management({ spaceId: space.id, environmentId: 'master' })
  const organizationId = (await client.space.get({})).sys.organization.sys.id
  const conceptId = `rich-${space.id}`
  await client.concept.createWithId({ organizationId, conceptId }, { prefLabel: { 'en-US': name } })
  const concept = link('TaxonomyConcept', conceptId)

  await client.locale.create({}, { name: 'German', code: 'de', fallbackCode: 'en-US', optional: true })
  await client.locale.create({}, { name: 'French', code: 'fr', fallbackCode: null, optional: true, contentDeliveryApi: false })
  await client.tag.createWithId({ tagId: 'summer' }, { name: 'Summer', sys: { visibility: 'public' } })
  await client.tag.createWithId({ tagId: 'hidden' }, { name: 'Hidden', sys: { visibility: 'private' } })

  for (const [contentTypeId, body] of [
    ['author', { name: 'Author', displayField: 'name', fields: [field('name', 'Symbol', { required: true, validations: [{ size: { max: 40 }, message: 'short, please' }] })] }],
    ['post', {
      name: 'Post', displayField: 'title', description: 'What is read',
      metadata: { taxonomy: [concept] },
      fields: [
        field('title', 'Symbol', { localized: true, required: true }), field('body', 'Text', { localized: true }),
        field('rich', 'RichText', { validations: [{ enabledNodeTypes: ['embedded-entry-block'] }] }), field('count', 'Integer', { validations: [{ range: { min: 0 } }] }),
        field('price', 'Number'), field('shown', 'Boolean', { defaultValue: { 'en-US': true } }), field('when', 'Date'), field('where', 'Location'), field('data', 'Object'),
        field('labels', 'Array', { items: { type: 'Symbol', validations: [{ in: ['a', 'b'] }] } }),
        field('authors', 'Array', { items: { type: 'Link', linkType: 'Entry', validations: [{ linkContentType: ['author'] }] } }),
        field('image', 'Link', { linkType: 'Asset' }), field('internal', 'Symbol', { omitted: true, disabled: true }),
      ],
    }],
    ['unused', { name: 'Unused', fields: [field('text', 'Text')] }],
  ]) {
    const type = await client.contentType.createWithId({ contentTypeId }, { description: '', ...body })
    if (contentTypeId !== 'unused') await client.contentType.publish({ contentTypeId }, type)
  }
  const editor = await client.editorInterface.get({ contentTypeId: 'post' })
  await client.editorInterface.update({ contentTypeId: 'post' }, {
    ...editor,
    controls: editor.controls.map((c) => (c.fieldId === 'title' ? { ...c, widgetNamespace: 'builtin', widgetId: 'slugEditor', settings: { helpText: 'As on the cover' } } : c)),
    sidebar: [{ widgetNamespace: 'sidebar-builtin', widgetId: 'publication-widget', disabled: true }],
    editors: [{ widgetNamespace: 'editor-builtin', widgetId: 'default-editor' }],
    editorLayout: [{ groupId: 'main', name: 'Main', items: editor.controls.map((c) => ({ fieldId: c.fieldId })) }],
    groupControls: [{ groupId: 'main', widgetNamespace: 'builtin', widgetId: 'topLevelTab' }],
  })

  for (const [assetId, texts] of Object.entries(files)) {
    const file = {}
    for (const [locale, text] of Object.entries(texts)) {
      const upload = await client.upload.create({}, { file: text })
      file[locale] = { fileName: `${assetId}.txt`, contentType: 'text/plain', uploadFrom: link('Upload', upload.sys.id) }
    }
    let asset = await client.asset.createWithId({ assetId }, { metadata: { tags: [link('Tag', 'hidden')] }, fields: { title: { 'en-US': assetId }, file } })
    asset = await client.asset.processForAllLocales({}, asset, { processingCheckWait: 50 })
    if (assetId === 'manual') await client.asset.publish({ assetId }, await client.asset.get({ assetId }))
    if (assetId === 'old') await client.asset.archive({ assetId })
  }

  const entry = (contentTypeId, entryId, fields, metadata) => client.entry.createWithId({ contentTypeId, entryId }, { fields, metadata })
  const publish = async (e) => client.entry.publish({ entryId: e.sys.id }, e)
  await publish(await entry('author', 'ann', { name: { 'en-US': 'Ann' } }))
  await publish(await entry('post', 'whole', {
    title: { 'en-US': 'Whole', de: 'Ganz' }, body: { 'en-US': '# Whole', de: '# Ganz' },
    rich: { 'en-US': document(paragraph('Read this: '), { nodeType: 'embedded-entry-block', data: { target: link('Entry', 'ann') }, content: [] }, paragraph('')) },
    count: { 'en-US': 3 }, price: { 'en-US': 0.1 }, shown: { 'en-US': false }, when: { 'en-US': '2026-02-03T04:05+01:00' }, where: { 'en-US': { lat: 52.5, lon: 13.4 } },
    data: { 'en-US': { deep: [1, { x: null }] } }, labels: { 'en-US': ['a', 'b'] }, authors: { 'en-US': [link('Entry', 'ann')] }, image: { 'en-US': link('Asset', 'manual') },
  }, { tags: [link('Tag', 'summer'), link('Tag', 'hidden')], concepts: [concept] }))
  const changed = await publish(await entry('post', 'changed', { title: { 'en-US': 'Before' } }))
  await client.entry.update({ entryId: 'changed' }, { ...changed, fields: { ...changed.fields, title: { 'en-US': 'After' } } })
  await entry('post', 'draft', { title: { 'en-US': 'Draft' } }, { tags: [link('Tag', 'summer')] })
  await entry('post', 'old', { title: { 'en-US': 'Old' } })
  await client.entry.archive({ entryId: 'old' })
  await client.webhook.create({}, {
    name: 'Hook', url: 'https://example.com/hook', topics: ['Entry.*', 'Asset.publish'], active: false,
    filters: [{ equals: [{ doc: 'sys.environment.sys.id' }, 'master'] }], headers: [{ key: 'x-site', value: 'one' }], transformation: { method: 'POST', body: { id: '{ /payload/sys/id }' } },
  })
  await client.environment.createWithId({ environmentId: 'staging' }, { name: 'Staging' })
  await client.entry.createWithId({ environmentId: 'staging', contentTypeId: 'author', entryId: 'new' }, { fields: { name: { 'en-US': 'New' } } })
  return { ...space, client }
}
