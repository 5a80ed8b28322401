#!/bin/sh
# tintype-upload: uploads pictures and prints one address a line.
#   tintype-upload photo.jpg other.png
#   flameshot gui --raw | tintype-upload
# It holds a secret: keep it where others can't read it (chmod 700).
set -eu

send() {
    # The token is read from a file descriptor: on the command line other users of this machine could see it.
    curl --silent --show-error --fail-with-body --config /dev/fd/3 --form "file=@$1" '@ADDRESS@?format=text' 3<<'CONFIG'
header = "Authorization: Bearer @TOKEN@"
CONFIG
}

if [ "$#" -eq 0 ]; then
    send '-;filename=image'
else
    for file in "$@"; do
        send "$file"
    done
fi
