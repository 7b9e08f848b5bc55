// Compiled by types.test.mjs, never run: the types of the example space as an
// application uses them with the official package.
import { createClient } from 'contentful'
import type { AnySkeleton, Article, ArticleSkeleton, Locales } from '../../internal/typegen/testdata/example'
import type { Type2ColSkeleton } from '../../internal/typegen/testdata/awkward'

const client = createClient({ space: 'demo', accessToken: 'x' })

export async function titles(): Promise<string[]> {
  const found = await client.withoutUnresolvableLinks.getEntries<ArticleSkeleton>({
    content_type: 'article', 'fields.title[match]': 'type', order: ['-fields.publishedOn'],
  })
  const first: Article<'WITHOUT_UNRESOLVABLE_LINKS'> | undefined = found.items[0]
  const author: string | undefined = first?.fields.author?.fields.name
  const minutes: number | undefined = first?.fields.minutes
  // @ts-expect-error: the content type has no such field
  first?.fields.subtitle
  // @ts-expect-error: and no such id
  await client.getEntries<ArticleSkeleton>({ content_type: 'articles' })
  return [...found.items.map((item) => item.fields.title), author ?? '', String(minutes)]
}

export async function inAllLocales(): Promise<string | undefined> {
  const entry = await client.withAllLocales.getEntry<ArticleSkeleton, Locales>('why-lower-case')
  // @ts-expect-error: the space has no such locale
  entry.fields.title['fr']
  return entry.fields.title['de'] ?? entry.fields.title['en-US']
}

export async function anything(): Promise<string> {
  const entry = await client.getEntry<AnySkeleton>('x')
  return entry.sys.contentType.sys.id
}

export async function choice(): Promise<'it\'s' | '"q"'> {
  const entry = await client.getEntry<Type2ColSkeleton>('x')
  const other = entry.fields.two
  if (other && 'fields' in other) {
    const n: 1 | 2 | undefined = entry.fields.aB
    void n
  }
  return entry.fields.a_b
}
