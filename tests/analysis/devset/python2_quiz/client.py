# command line client
import sys, os, xmlrpclib, getpass
from xml.dom.minidom import parseString

def main():
    name = raw_input('name: ')
    print "Hello", name
    n = input('How many? ')
    for i in xrange(n):
        print i, `i`
    try:
        doc = parseString(open(sys.argv[1]).read())
    except IOError, e:
        print >>sys.stderr, e
        sys.exit(1)
    os.system("tar xzf %s" % sys.argv[2])

if __name__ == '__main__':
    main()
