/* A disk that fails, for the process that this is preloaded into (LD_PRELOAD).
 *
 * FAULTY_DISK names a file. While that holds "ERRNO FOLDER", what would change a file in FOLDER fails with that errno: ENOSPC and EDQUOT
 * when it would take space, EIO when bytes would reach the disk, EROFS always. Reading works. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum change { SPACE, BYTES, SYNC, NAMES };

static int applies(int fault, enum change change) {
    switch (fault) {
    case ENOSPC:
    case EDQUOT:
        return change == SPACE || change == BYTES;
    case EIO:
        return change == BYTES || change == SYNC;
    default:
        return change != SYNC;
    }
}

/* The errno that a change of this file meets, or 0. By system calls, which nothing here stands before. */
static int fault_at(const char *path, enum change change) {
    const char *control = getenv("FAULTY_DISK");
    if (!control)
        return 0;
    int before = errno;
    int fd = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        errno = before;
        return 0;
    }
    char text[4096];
    long length = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    errno = before;
    if (length <= 0)
        return 0;
    text[length] = 0;
    char *folder;
    int fault = (int)strtol(text, &folder, 10);
    folder += strspn(folder, " ");
    folder[strcspn(folder, "\n")] = 0;
    return *folder && strncmp(path, folder, strlen(folder)) == 0 && applies(fault, change) ? fault : 0;
}

static int fault_of(int fd, enum change change) {
    char link[64], path[4096];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    errno = before;
    if (length <= 0)
        return 0;
    path[length] = 0;
    return fault_at(path, change);
}

/* PostgreSQL names its files from its data folder on. */
static int fault_for(const char *path, enum change change) {
    char full[8192];
    if (path[0] != '/' && getcwd(full, 4096)) {
        strncat(full, "/", 2);
        strncat(full, path, 4000);
        return fault_at(full, change);
    }
    return fault_at(path, change);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define FAIL_IF(found)  \
    do {                \
        int e = (found); \
        if (e) {        \
            errno = e;  \
            return -1;  \
        }               \
    } while (0)
#define ON_FD(type, name, change, parameters, arguments) \
    type name parameters {                               \
        REAL(name);                                      \
        FAIL_IF(fault_of(fd, change));                   \
        return real arguments;                           \
    }

ON_FD(ssize_t, write, BYTES, (int fd, const void *bytes, size_t n), (fd, bytes, n))
ON_FD(ssize_t, pwrite, BYTES, (int fd, const void *bytes, size_t n, off_t at), (fd, bytes, n, at))
ON_FD(ssize_t, pwrite64, BYTES, (int fd, const void *bytes, size_t n, off64_t at), (fd, bytes, n, at))
ON_FD(ssize_t, writev, BYTES, (int fd, const struct iovec *parts, int n), (fd, parts, n))
ON_FD(ssize_t, pwritev, BYTES, (int fd, const struct iovec *parts, int n, off_t at), (fd, parts, n, at))
ON_FD(int, fsync, SYNC, (int fd), (fd))
ON_FD(int, fdatasync, SYNC, (int fd), (fd))
ON_FD(int, ftruncate, NAMES, (int fd, off_t n), (fd, n))
ON_FD(int, ftruncate64, NAMES, (int fd, off64_t n), (fd, n))
ON_FD(int, fallocate, SPACE, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n))

/* These answer with the errno itself. */
int posix_fallocate(int fd, off_t at, off_t n) {
    REAL(posix_fallocate);
    int fault = fault_of(fd, SPACE);
    return fault ? fault : real(fd, at, n);
}

int posix_fallocate64(int fd, off64_t at, off64_t n) {
    REAL(posix_fallocate64);
    int fault = fault_of(fd, SPACE);
    return fault ? fault : real(fd, at, n);
}

#define ON_PATH(name, parameters, first, change, arguments) \
    int name parameters {                                   \
        REAL(name);                                         \
        FAIL_IF(fault_for(first, change));                  \
        return real arguments;                              \
    }

ON_PATH(mkdir, (const char *path, mode_t mode), path, SPACE, (path, mode))
ON_PATH(unlink, (const char *path), path, NAMES, (path))
ON_PATH(rename, (const char *from, const char *to), to, NAMES, (from, to))
ON_PATH(link, (const char *from, const char *to), to, SPACE, (from, to))
ON_PATH(linkat, (int from_fd, const char *from, int to_fd, const char *to, int flags), to, SPACE, (from_fd, from, to_fd, to, flags))

static int opens(const char *path, int flags) {
    if ((flags & O_ACCMODE) != O_RDONLY && fault_for(path, NAMES))
        return fault_for(path, NAMES);
    return flags & O_CREAT && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0 ? fault_for(path, SPACE) : 0;
}

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...) {         \
        REAL(name);                                      \
        va_list more;                                    \
        va_start(more, flags);                           \
        mode_t mode = va_arg(more, mode_t);              \
        va_end(more);                                    \
        FAIL_IF(opens(path, flags));                     \
        return real(path, flags, mode);                  \
    }

OPEN(open)
OPEN(open64)
