// What can be taken back.
module.exports = function (migration) {
  const author = migration.editContentType('author')
  author.clearTaxonomyValidations()
  author.clearAnnotations()
  author.editField('name').clearAnnotations()
  author.resetFieldControl('name')
  author.resetEditorInterface('photo')
  author.resetSidebarToDefault()
  author.deleteEditorLayout()

  const post = migration.editContentType('post')
  post.editField('old').deleted(true)
  const layout = post.editEditorLayout()
  layout.editFieldGroup('about', { name: 'About' })
  layout.editFieldGroup('main').name('Content')
}
