import { marked } from 'marked';
import sanitizeHtml from 'sanitize-html';

export const toHtml = (text: string): string => marked.parse(text, { async: false }) as string;

export const toCleanHtml = (text: string): string => sanitizeHtml(toHtml(text));
