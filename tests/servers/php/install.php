<?php
// Creates the site's database, installs WordPress in it and writes a new application password of its administrator.
// Usage: php install.php <site folder> <user name> <language> <file for the password>
[, $site, $username, $language, $password_file] = $argv;

[$host, $port] = explode(':', getenv('SITE_DATABASE_HOST'));
$connection = new mysqli($host, 'root', '', '', (int) $port);
$connection->query('CREATE DATABASE ' . getenv('SITE_DATABASE') . ' CHARACTER SET utf8mb4');

define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('SITE_URL'), PHP_URL_HOST);
require "$site/wp-load.php";
require "$site/wp-admin/includes/upgrade.php";

// The installation announces itself by mail, and there is no mail here.
add_filter('pre_wp_mail', '__return_true');
$password = wp_generate_password();
$installed = wp_install('Centre', $username, 'admin@example.test', true, '', $password, $language);
update_option('permalink_structure', '/%postname%/');
[$secret] = WP_Application_Passwords::create_new_application_password($installed['user_id'], ['name' => 'scheduler']);
file_put_contents($password_file, $secret);
