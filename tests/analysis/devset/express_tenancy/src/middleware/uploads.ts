import multer from 'multer'
import path from 'path'
import { randomUUID } from 'crypto'
import { config } from '@lib/config'

const ALLOWED = new Set(['.png', '.jpg', '.jpeg'])

const attachmentStorage = multer.diskStorage({
  destination: (_req, _file, cb) => cb(null, config.uploadRoot),
  filename: (_req, file, cb) => cb(null, file.originalname),
})

export const upload = multer({ storage: attachmentStorage })

export const avatarUpload = multer({
  storage: multer.diskStorage({
    destination: path.join(config.uploadRoot, 'avatars'),
    filename: (_req, file, cb) => cb(null, `${randomUUID()}${path.extname(file.originalname)}`),
  }),
  limits: { fileSize: 1024 * 1024 },
  fileFilter: (_req, file, cb) => cb(null, ALLOWED.has(path.extname(file.originalname).toLowerCase())),
})
