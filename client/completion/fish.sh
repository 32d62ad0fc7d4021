# fish completion for yankwatch
# The program knows its commands, options and names; this asks it.
function __yankwatch_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	set -l program $words[1]
	set -e words[1]
	for line in ($program completion words -- $words "$current" 2>/dev/null)
		if test "$line" = :files
			__fish_complete_path "$current"
		else
			echo $line
		end
	end
end
complete -c yankwatch -f -a '(__yankwatch_complete)'
