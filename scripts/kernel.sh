#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev test kernel VERSION [NAME,... [CASE]] - the tests of build/debug, or those
# with a NAME in "room/name", or of these the cases with CASE in their names,
# inside a Debian kernel of that version. It is booted by qemu, with the host's
# files below it, so that nothing has to be installed there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/packages.sh"
. "$root/scripts/build.sh"

usage() {
	cat >&2 <<-'USAGE'
		usage: ./dev test kernel VERSION [NAME,... [CASE]]

		  ./dev test kernel 6.1               all test programs
		  ./dev test kernel 6.1 net/,io/      those of two rooms
		  ./dev test kernel 6.12 tls_stream   one of them
		  SIMUL_BACKEND=epoll ./dev test kernel 6.1 io/read
	USAGE
	exit 2
}

[ $# -ge 1 ] && [ $# -le 3 ] || usage
version=$1
names=${2:-}
case=${3:-}
dir=$root/build/kernel/$version
out=$dir/out

give_up() {
	echo "./dev test kernel: $*" >&2
	exit 1
}

# ---- The kernel: a Debian package, unpacked and never installed

# The newest package of this version that apt knows. Those for clouds are
# smaller, but can't mount the host's files.
package_of() {
	apt-cache search --names-only "^linux-image-${1//./\\.}[.0-9]*" |
		sed -nE "s/^(linux-image-${1//./\\.}\.[0-9]+[^ ]*-amd64) .*/\1/p" |
		grep -vE -- '-(cloud|rt)-|-unsigned' | sort -V | tail -n 1
}

download_newest() {
	local package
	package=$(package_of "$version")
	[ -n "$package" ] || {
		echo "apt knows no package linux-image-$version.*-amd64"
		return 1
	}
	rm -f linux-image-*.deb
	timeout 600 apt-get -o Acquire::Retries=3 download "$package"
}

# Lists that are not new may name one that is gone.
download() {
	download_newest || { [ -z "${SIMUL_NO_INSTALL:-}" ] &&
		as_root apt-get update && download_newest; }
}

# What there is of it that a machine without hardware could use. vmlinuz comes
# last: it says that all of this is here.
unpack() {
	dpkg-deb --fsys-tarfile linux-image-*.deb |
		tar -x --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.*' \
			'./lib/modules/*/kernel/arch/*' \
			'./lib/modules/*/kernel/crypto/*' \
			'./lib/modules/*/kernel/fs/*' \
			'./lib/modules/*/kernel/lib/*' \
			'./lib/modules/*/kernel/net/*' \
			'./lib/modules/*/kernel/drivers/block/virtio*' \
			'./lib/modules/*/kernel/drivers/net/*' \
			'./lib/modules/*/kernel/drivers/virtio/*' &&
		rm linux-image-*.deb &&
		find lib -name '*.ko.xz' -exec busybox unxz {} + &&
		busybox depmod -b "$PWD" "$(ls lib/modules)" &&
		mv boot/vmlinuz-* vmlinuz
}

have_kernel() {
	[ ! -f "$dir/vmlinuz" ] || return 0
	rm -rf "$dir"
	mkdir -p "$dir"
	echo "Fetching Linux $version from Debian ..." >&2
	(cd "$dir" && quietly "$root/build/logs/kernel-$version.log" download &&
		unpack) ||
		give_up "there is no Linux $version to be had (see above)"
}

# ---- The machine

# The modules that it takes to see the host's files, and those that they take.
first_modules() {
	local module
	cd "$dir/lib/modules/"*
	for module in virtio_pci 9pnet_virtio 9p; do
		sed -nE "s|^([^:]*/$module\.ko[^:]*):|\1|p" modules.dep
	done | tr ' ' '\n' | sort -u | sed "s|^|lib/modules/${PWD##*/}/|"
	for module in dep alias builtin; do
		echo "lib/modules/${PWD##*/}/modules.$module"
	done
}

pack() {
	local tree=$dir/initramfs
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,sbin,proc,sys,dev,host,kernel,layers,root}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	ln -s ../bin/busybox "$tree/sbin/modprobe"
	cp "$root/scripts/kernel/init" "$tree/init"
	chmod +x "$tree/init"
	(cd "$dir" && cp --parents $(first_modules) "$tree")
	(cd "$tree" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) \
		>"$dir/initramfs.gz"
	rm -rf "$tree"
	truncate -s 0 "$dir/disc"
	truncate -s 2G "$dir/disc"
	PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -F "$dir/disc"
}

# machine ACCELERATOR SECONDS WORDS [QEMU ARGUMENT...] - boot it with these words
# for the kernel, and wait until it is off
machine() {
	local accelerator=$1 limit=$2 words=$3 processors share
	share="security_model=none,multidevs=remap,mount_tag"
	processors=$(nproc)
	shift 3
	timeout --foreground -k 10 "$limit" qemu-system-x86_64 \
		-accel "$accelerator" -cpu max \
		-smp $((processors < 4 ? processors : 4)) -m 2G \
		-nodefaults -display none -no-reboot \
		-kernel "$dir/vmlinuz" -initrd "$dir/initramfs.gz" \
		-append "console=ttyS0 quiet panic=-1 $words" \
		-virtfs "local,path=/,readonly=on,$share=host" \
		-virtfs "local,path=$dir,$share=kernel" \
		-drive "file=$dir/disc,format=raw,if=virtio,cache=unsafe" \
		-serial "file:$dir/console.log" "$@" </dev/null
}

# KVM is there on some machines where it doesn't work: it is, if it boots.
accelerator() {
	local found=$root/build/kernel/accelerator
	if [ ! -f "$found" ]; then
		echo tcg,thread=multi >"$found"
		if [ -w /dev/kvm ] &&
			machine kvm 20 probe >/dev/null 2>&1; then
			echo kvm >"$found"
		fi
	fi
	cat "$found"
}

# ---- What is run in it

# The test programs with one of the NAMEs in "room/name".
programs() {
	local test
	cd "$root/tests"
	printf '%s\n' */test_*.c | sed 's|/test_|/|; s|\.c$||' |
		grep -F -e "${names//,/$'\n'}" | while read -r test; do
		test=test_${test#*/}
		[ ! -x "$root/build/debug/tests/$test" ] || echo "$test"
	done
}

# Each is taken to have failed until it says otherwise.
plan() {
	local program backend stretch word
	rm -rf "$out" "$dir/programs"
	mkdir -p "$out" "$dir/programs"
	# Not those of the build, which may go on meanwhile.
	(cd "$root/build/debug/tests" && cp $chosen "$dir/programs")
	for backend in $backends; do
		for program in $chosen; do
			printf 'not ok 0 - to its end\n# %s\n' \
				"the machine was switched off before" \
				>"$out/$version-$backend-$program.tap"
		done
	done
	# Emulated processors take their time.
	stretch=$([ "$accelerator" = kvm ] && echo 2 || echo 10)
	for word in root version backends chosen case loud stretch; do
		echo "$word=${!word@Q}"
	done >"$dir/plan"
}

need "run tests in Linux $version" $building python3 qemu-system-x86 \
	busybox-static e2fsprogs
[ "$(uname -m)" = x86_64 ] || give_up "it takes an x86-64 machine"
[ "$version" = "${version//[^0-9.]/}" ] || usage
build debug $debug_options
chosen=$(programs | tr '\n' ' ') || true
[ -n "$chosen" ] || give_up "no test program has '$names' in its name"
backends=${SIMUL_BACKEND:-io_uring epoll}
loud=$([ "$(wc -w <<<"$chosen")" -gt 1 ] && echo false || echo true)
mkdir -p "$root/build/kernel"
exec 9>"$dir.lock"
flock -n 9 || give_up "somebody is running tests in Linux $version just now"
have_kernel
pack
accelerator=$(accelerator)
plan
machine "$accelerator" "${SIMUL_KERNEL_SECONDS:-3600}" "" -serial stdio ||
	echo "the machine did not switch itself off: $dir/console.log" >&2
report=$("$root/scripts/results.py" "$out"/*.tap)
read -r passed failed skipped <<<"${report##*$'\n'}"
sed '$d' <<<"$report"
echo "kernel: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
