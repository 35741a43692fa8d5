// Files to hand in, made by hand, and the forms that carry them.

import { randomUUID } from 'node:crypto';
import zlib from 'node:zlib';

import { request } from './http.mjs';

/** A form with these text fields and, behind them, a file; `file` undefined leaves it out. */
export function form({ fields = {}, file, name = 'file.bin', type = 'application/octet-stream' }) {
  const boundary = `----${randomUUID()}`;
  const parts = [];
  for (const [field, value] of Object.entries(fields)) {
    parts.push(
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`),
    );
  }
  if (file !== undefined) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
    parts.push(Buffer.from(head), Buffer.from(file), Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(parts) };
}

/** Hands a file in; answers the raw answer. */
export function upload(person, file, options = {}) {
  const { type, body } = form({ ...options, file });
  return request(person.base, 'POST', '/api/v1/attachments', {
    headers: { cookie: person.cookie, 'content-type': type },
    body,
    ms: 30_000,
  });
}

export function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc32(body), body.length + 4);
  return frame;
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A PNG of one colour, with more chunks behind its header. It may announce another size than it has. */
export function png(width, height, { announced = [width, height], colour = [200, 30, 60], more = [] } = {}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(announced[0], 0);
  header.writeUInt32BE(announced[1], 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.concat(Array(width).fill(Buffer.from(colour)))]);
  const pixels = zlib.deflateSync(Buffer.concat(Array(height).fill(row)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The size that a PNG or JPEG says it has. */
export function sizeOf(image) {
  if (image.subarray(1, 4).toString('latin1') === 'PNG') {
    return [image.readUInt32BE(16), image.readUInt32BE(20)];
  }
  let at = 2;
  for (;;) {
    const marker = image[at + 1];
    if (marker >= 0xc0 && marker <= 0xc2) return [image.readUInt16BE(at + 7), image.readUInt16BE(at + 5)];
    at += 2 + image.readUInt16BE(at + 2);
  }
}

/** A JPEG with an Exif segment that holds an orientation and the latitude of a place, and a comment. */
export function withPlace(jpeg, orientation) {
  const entry = (tag, type, count, value) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(count, 4);
    value.copy(bytes, 8);
    return bytes;
  };
  const short = (number) => Buffer.from([0, number, 0, 0]);
  const offset = (number) => Buffer.from([0, 0, 0, number]);
  // Header 8, first directory 2 + 2 · 12 + 4 = 30, GPS directory 2 + 2 · 12 + 4 = 30: the numbers are at 68.
  const tiff = Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    Buffer.from([0, 2]),
    entry(0x0112, 3, 1, short(orientation)),
    entry(0x8825, 4, 1, offset(38)),
    Buffer.alloc(4),
    Buffer.from([0, 2]),
    entry(1, 2, 2, Buffer.from('S\0\0\0', 'latin1')),
    entry(2, 5, 3, offset(68)),
    Buffer.alloc(4),
    Buffer.from('GPSPLACE', 'latin1'),
    Buffer.alloc(16, 1),
  ]);
  const segment = (marker, body) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(body.length + 2);
    return Buffer.concat([Buffer.from([0xff, marker]), length, body]);
  };
  return Buffer.concat([
    jpeg.subarray(0, 2),
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])),
    segment(0xfe, Buffer.from('GPSPLACE in a comment')),
    jpeg.subarray(2),
    Buffer.from('GPSPLACE behind the end'),
  ]);
}
