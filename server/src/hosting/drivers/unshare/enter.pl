# Runs as the first process of a sandbox's new namespaces: builds the inside from the words on descriptor 4, makes it its root, gives up
# every right, loads the filter from descriptor 9 and becomes the command. Perl, because it can make any system call and is part of
# Debian's base; setpriv loads filters only from util-linux 2.41 on. Plain calls only: after pivot_root there is no library to load.
use strict;
use warnings;

my ($marker, $machine, @command) = @ARGV;
my %calls = (
    x64   => {mount => 165, umount2 => 166, pivot_root => 155, mount_setattr => 442, prctl => 157, capset => 126, sethostname => 170, setsid => 112},
    arm64 => {mount => 40, umount2 => 39, pivot_root => 41, mount_setattr => 442, prctl => 167, capset => 91, sethostname => 161, setsid => 157},
);
my $number = $calls{$machine} or die "no system calls are known for $machine\n";
my ($NOSUID, $NODEV, $NOEXEC, $BIND, $REC, $DETACH) = (2, 4, 8, 4096, 16384, 2);
my ($ATTR_RDONLY, $AT_FDCWD, $AT_RECURSIVE) = (1, -100, 0x8000);

open(my $report, '>&=', 3) or die "no report: $!\n";
open(my $list, '<&=', 4) or die "no list: $!\n";
open(my $rules, '<&=', 9) or die "no filter: $!\n";
binmode $_ for $report, $list, $rules;

sub call {
    my ($what, $name, @arguments) = @_;
    my $answer = syscall($number->{$name}, @arguments);
    die "$what: $!\n" if $answer == -1;
    return $answer;
}

sub tell_host { syswrite($report, "$_[0]\n") }

# The host's /proc is still there, so its link names this process as the host numbers it.
tell_host('{"child-pid":' . (readlink('/proc/self') || 0) . '}');

my @words = do { local $/; split /\0/, readline($list) };
my $filter = do { local $/; readline($rules) };
close $list;
close $rules;
die "the filter is empty\n" unless length $filter;

my $root = shift @words;
my %environment;
my $workdir = '/';

sub folder {
    my ($path) = @_;
    my $made = $root;
    for my $part (grep { length } split m{/}, $path) {
        $made .= "/$part";
        next if -d $made;
        mkdir $made, 0755 or die "cannot make $path: $!\n";
    }
}

sub place {    # an empty folder or file to mount over
    my ($path, $is_folder) = @_;
    return folder($path) if $is_folder;
    folder($path =~ s{/[^/]*$}{}r);
    return if -e "$root$path";
    open(my $made, '>', "$root$path") or die "cannot make $path: $!\n";
}

sub attributes {    # of a mount and all below it; what is set already stays set
    my ($path, $attributes, $how) = @_;
    call("cannot protect $path", 'mount_setattr', $AT_FDCWD, "$root$path", $how, pack('Q4', $attributes, 0, 0, 0), 32);
}

my %make = (
    bind => sub {
        my ($source, $target, $attributes) = @_;
        place($target, -d $source);
        call("cannot show $source at $target", 'mount', $source, "$root$target", 'none', $BIND | $REC, 0);
        attributes($target, $attributes + 0, $AT_RECURSIVE);
    },
    tmpfs => sub {
        my ($target, $bytes) = @_;
        folder($target);
        call("cannot mount $target", 'mount', 'tmpfs', "$root$target", 'tmpfs', $NOSUID | $NODEV, "mode=0755,size=$bytes");
    },
    proc => sub {
        folder('/proc');
        call('cannot mount /proc', 'mount', 'proc', "$root/proc", 'proc', $NOSUID | $NODEV | $NOEXEC, 0);
    },
    fixed    => sub { attributes($_[0], $ATTR_RDONLY, 0) },
    govern => sub {
        my ($path, $attributes) = @_;
        return unless -e "$root$path";
        call("cannot cover $path", 'mount', "$root$path", "$root$path", 'none', $BIND | $REC, 0);
        attributes($path, $attributes + 0, $AT_RECURSIVE);
    },
    link     => sub { symlink $_[0], "$root$_[1]" or die "cannot link $_[1]: $!\n" },
    env      => sub { $environment{$_[0]} = $_[1] },
    workdir  => sub { $workdir = $_[0] },
);

call('cannot mount a root', 'mount', 'tmpfs', $root, 'tmpfs', $NOSUID | $NODEV, 'mode=0755,size=4m');
while (@words) {
    my ($what, $count) = (shift @words, shift @words);
    my @arguments = splice @words, 0, $count;
    my $make = $make{$what} or die "no such word: $what\n";
    $make->(@arguments);
}

call('cannot name it', 'sethostname', 'sandbox', 7);
{   # a loopback of its own
    socket(my $socket, 2, 2, 0) or die "no socket: $!\n";
    my $up = pack('a16 s x22', 'lo', 0x41);
    ioctl($socket, 0x8914, $up) or die "no loopback: $!\n";
}
# Not one more user namespace below this one; the filter says so too.
if (open(my $most, '>', '/proc/sys/user/max_user_namespaces')) { syswrite($most, '0') }

mkdir "$root/.old", 0700 or die "no place for the old root: $!\n";
chdir $root or die "cannot enter: $!\n";
call('cannot change the root', 'pivot_root', '.', '.old');
call('cannot leave the old root', 'umount2', '/.old', $DETACH);
$root = '';
rmdir '/.old' or die "the old root is still there: $!\n";
attributes('/', $ATTR_RDONLY, 0);
chdir $workdir or die "cannot enter $workdir: $!\n";

call('cannot begin a session', 'setsid');
my ($CAPBSET_DROP, $SET_NO_NEW_PRIVS, $CAP_AMBIENT, $SET_SECCOMP) = (24, 38, 47, 22);
call('cannot clear rights', 'prctl', $CAP_AMBIENT, 4, 0, 0, 0);
for my $capability (0 .. 63) { last if syscall($number->{prctl}, $CAPBSET_DROP, $capability, 0, 0, 0) == -1 }
call('cannot drop rights', 'capset', pack('L2', 0x20080522, 0), pack('L6', (0) x 6));
call('cannot renounce rights', 'prctl', $SET_NO_NEW_PRIVS, 1, 0, 0, 0);

%ENV = (%environment, PWD => $workdir);
fcntl($report, 2, 1);    # closes itself when the command begins
tell_host('{"begun":true}');
call('cannot load the filter', 'prctl', $SET_SECCOMP, 2, pack('S x6 P', length($filter) / 8, $filter));
{ no warnings 'exec'; exec {$command[0]} @command }
my $why = "$!";
tell_host('{"failed":true}');
die "cannot run $command[0]: $why\n";
