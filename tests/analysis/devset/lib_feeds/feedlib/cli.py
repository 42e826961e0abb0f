import argparse
import logging
import os
import subprocess
import sys

from . import archive, fetch, importer

log = logging.getLogger('feedlib')


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument('source')
    parser.add_argument('--into', default='.')
    parser.add_argument('--hook')
    parser.add_argument('--password')
    args = parser.parse_args(argv)
    log.debug('arguments %s', args)
    log.info('password is %s', args.password)
    archive.Unpacker(args.into).unpack(args.source)
    if args.hook:
        subprocess.call(args.hook + ' ' + args.source, shell=True)
    with open(args.source) as source:
        return len(source.read())


if __name__ == '__main__':
    sys.exit(main())
