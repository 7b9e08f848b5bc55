// Tags and content types, with every setting of a content type and of a field,
// in both ways the language has for them.
module.exports = function (migration) {
  migration.createTag('fresh', { name: 'Fresh' })
  migration.createTag('public', undefined, 'public').name('Public')
  migration.createTag('stale').name('Stale')

  const author = migration.createContentType('author', { name: 'Author', description: 'Who writes', displayField: 'name' })
  author.createField('name', { name: 'Name', type: 'Symbol', required: true, validations: [{ unique: true }] })
  author.createField('photo').name('Photo').type('Link').linkType('Asset').validations([{ linkMimetypeGroup: ['image'] }, { assetImageDimensions: { width: { min: 1, max: 4000 }, height: { max: 3000 } } }, { assetFileSize: { max: 20971520 } }])

  const post = migration.createContentType('post')
  post.name('Post').description('What is written')
  post.createField('title').name('Title').type('Symbol').required(true).localized(true).validations([{ size: { min: 1, max: 100 } }, { regexp: { pattern: '^[A-Z]', flags: 'i' }, message: 'A letter first' }])
  post.createField('slug').name('Slug').type('Symbol').localized(false)
  post.createField('text').name('Text').type('Text').localized(true)
  post.createField('rich').name('Rich').type('RichText').validations([{ enabledNodeTypes: ['heading-1', 'embedded-entry-block'], message: 'Only these' }])
  post.createField('words').name('Words').type('Integer').validations([{ range: { min: 0 } }]).defaultValue({ 'en-US': 0 })
  post.createField('score').name('Score').type('Number').validations([{ in: [1, 2.5] }])
  post.createField('day').name('Day').type('Date').validations([{ dateRange: { min: '2020-01-01' } }])
  post.createField('live').name('Live').type('Boolean').defaultValue({ 'en-US': true })
  post.createField('data').name('Data').type('Object').disabled(true)
  post.createField('place').name('Place').type('Location').omitted(true)
  post.createField('keywords').name('Keywords').type('Array').items({ type: 'Symbol', validations: [{ size: { max: 20 } }] })
  post.createField('authorName').name('Name of the author').type('Symbol')
  post.createField('related').name('Related').type('Array').items({ type: 'Link', linkType: 'Entry', validations: [{ linkContentType: ['post'] }] })
  post.createField('elsewhere').name('Elsewhere').type('ResourceLink').allowedResources([{ type: 'Contentful:Entry', source: 'crn:contentful:::content:spaces/other', contentTypes: ['page'] }])
  post.createField('old', { name: 'Old', type: 'Symbol' })
  post.createField('older', { name: 'Older', type: 'Symbol' })
  post.displayField('title')

  const note = migration.createContentType('note', { name: 'Note' })
  note.createField('heading', { name: 'Heading', type: 'Symbol' })
  note.createField('body', { name: 'Body', type: 'Text' })

  const page = migration.createContentType('page', { name: 'Page' })
  page.createField('heading', { name: 'Heading', type: 'Symbol' })
  page.displayField('heading')

  migration.createContentType('useless', { name: 'Useless' }).createField('nothing', { name: 'Nothing', type: 'Symbol' })
}
