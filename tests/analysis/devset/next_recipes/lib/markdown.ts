import { marked } from 'marked'
import DOMPurify from 'isomorphic-dompurify'

export function toHtml(source: string): string {
  return marked.parse(source) as string
}

export function toSafeHtml(source: string): string {
  return DOMPurify.sanitize(marked.parse(source) as string)
}

export const escapeHtml = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;')
