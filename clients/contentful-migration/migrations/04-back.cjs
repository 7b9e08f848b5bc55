// What can be taken back; and requests of its own.
module.exports = async function (migration, { makeRequest, environmentId }) {
  const { total } = await makeRequest({ method: 'GET', url: '/entries?content_type=post' })
  await makeRequest({ method: 'PUT', url: '/tags/counted', data: { name: `${total} posts in ${environmentId}`, sys: { id: 'counted' } } })
  const author = migration.editContentType('author')
  author.clearTaxonomyValidations()
  author.clearAnnotations()
  author.editField('name').clearAnnotations()
  author.resetFieldControl('name')
  author.resetEditorInterface('photo')
  author.resetSidebarToDefault()
  author.deleteEditorLayout()

  author.createField('active', { name: 'Active', type: 'Boolean' })
  author.changeFieldControl('active', 'builtin', 'boolean', { trueLabel: 'Yes', falseLabel: 'No' })
  author.createField('born', { name: 'Born', type: 'Date' })
  author.changeFieldControl('born', 'builtin', 'datePicker', { format: 'timeZ', ampm: '24' })
  author.createField('works', { name: 'Works', type: 'Array', items: { type: 'Link', linkType: 'Entry' } })
  author.changeFieldControl('works', 'builtin', 'entryLinksEditor', { bulkEditing: true })

  const post = migration.editContentType('post')
  post.editField('old').deleted(true)
  const layout = post.editEditorLayout()
  layout.editFieldGroup('about', { name: 'About' })
  layout.editFieldGroup('main').name('Content')
}
