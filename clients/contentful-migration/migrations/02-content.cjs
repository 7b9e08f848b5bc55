// Everything the language does to entries and tags.
module.exports = function (migration) {
  migration.editTag('public', { name: 'For all' })
  migration.editTag('fresh').name('Fresher')
  migration.deleteTag('stale')

  migration.transformEntries({
    contentType: 'post',
    from: ['title'],
    to: ['slug', 'keywords'],
    shouldPublish: 'preserve',
    useLocaleBasedPublishing: true,
    transformEntryForLocale(from, locale, { id }) {
      if (locale !== 'en-US' || !from.title?.[locale]) return
      return { slug: from.title[locale].toLowerCase().replace(/ /g, '-'), keywords: [id] }
    }
  })

  migration.editContentType('post').createField('author', { name: 'Author', type: 'Link', linkType: 'Entry', localized: true, validations: [{ linkContentType: ['author'] }] })
  migration.deriveLinkedEntries({
    contentType: 'post',
    derivedContentType: 'author',
    from: ['authorName'],
    toReferenceField: 'author',
    derivedFields: ['name'],
    identityKey: (from) => 'author-' + from.authorName['en-US'].toLowerCase(),
    shouldPublish: 'preserve',
    useLocaleBasedPublishing: true,
    deriveEntryForLocale: (from, locale) => (locale === 'en-US' ? { name: from.authorName[locale] } : undefined)
  })

  migration.transformEntriesToType({
    sourceContentType: 'note',
    targetContentType: 'page',
    from: ['heading'],
    identityKey: (from) => 'page-' + from.heading['en-US'],
    shouldPublish: true,
    useLocaleBasedPublishing: true,
    updateReferences: true,
    removeOldEntries: true,
    transformEntryForLocale: (from, locale) => ({ heading: from.heading[locale] })
  })

  migration.setTagsForEntries({
    contentType: 'post',
    from: ['title'],
    setTagsForEntry(fields, tags, all) {
      return fields.title['en-US'] === 'First post' ? [...tags, ...all.filter((t) => t.sys.id === 'public')] : undefined
    }
  })
}
