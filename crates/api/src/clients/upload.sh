#!/bin/sh
# tintype-upload: uploads pictures and prints one address a line.
#   tintype-upload photo.jpg other.png
#   flameshot gui --raw | tintype-upload
# What is refused is named on standard error, and the others are sent all the same.
# It holds a secret: keep it where others can't read it (chmod 700).
set -eu
failed=0

# send FILE [MORE]: MORE is what curl is told of the part behind its name.
send() {
    name=$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')
    # The token is read from a file descriptor: on the command line other users of this machine could see it.
    if answer=$(curl --silent --show-error --fail-with-body --config /dev/fd/3 --form "file=@\"$name\"${2-}" '@ADDRESS@?format=text' 3<<'CONFIG'
header = "Authorization: Bearer @TOKEN@"
CONFIG
    ); then
        printf '%s\n' "$answer"
    else
        printf '%s: %s\n' "$1" "$answer" >&2
        failed=1
    fi
}

if [ "$#" -eq 0 ]; then
    send - ';filename=image'
else
    for file in "$@"; do
        send "$file"
    done
fi
exit "$failed"
