import sys

from procurement.keyholder import main

main(sys.argv[1:])
